import { Button } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconUsers } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { useCan, useMe } from '@/api/queries/me';
import { member, memberKeys, memberList, patchMember } from '@/api/queries/members';
import type { MemberOut, MemberState } from '@/api/schema';
import { DataTable } from '@/table/DataTable';
import { parseSort, sortText } from '@/table/sort';
import { EmptyState } from '@/ui/EmptyState';
import { showProblem, toastDone } from '@/ui/toast';
import { lazily } from '@/ui/lazily';
import { useMemberColumns } from './memberColumns';

const EditMember = lazily(() => import('./EditMember').then((part) => part.EditMember));
const ConfirmDialog = lazily(() => import('./ConfirmDialog').then((part) => part.ConfirmDialog));

interface Props {
  sort: string | undefined;
  onSort: (sort: string | undefined) => void;
  onInvite: () => void;
}

export function MembersTable({ sort, onSort, onInvite }: Props) {
  const t = useTranslations('members');
  const manages = useCan('members.manage');
  const me = useMe()?.membership?.member_id;
  const query = useInfiniteQuery(memberList());
  const columns = useMemberColumns();
  const [editing, setEditing] = useState<MemberOut | null>(null);
  const [suspending, setSuspending] = useState<MemberOut[] | null>(null);
  const setState = useSetState();
  const others = (rows: MemberOut[], state: MemberState) => rows.filter((row) => row.id !== me && row.state === state);
  const bulk = [
    {
      id: 'suspend',
      label: t('edit.suspend'),
      icon: <IconPlayerPause size={15} aria-hidden />,
      danger: true,
      enabled: (rows: MemberOut[]) => others(rows, 'active').length > 0,
      run: (rows: MemberOut[]) => setSuspending(others(rows, 'active')),
    },
    {
      id: 'reactivate',
      label: t('edit.reactivate'),
      icon: <IconPlayerPlay size={15} aria-hidden />,
      enabled: (rows: MemberOut[]) => others(rows, 'suspended').length > 0,
      run: (rows: MemberOut[]) => setState(others(rows, 'suspended'), 'active'),
    },
  ];
  return (
    <>
      <DataTable<MemberOut>
        id="members"
        label={t('title')}
        columns={columns}
        query={query}
        rowId={({ id }) => id}
        rowLabel={({ name }) => name}
        {...(manages ? { onOpen: setEditing, bulk } : {})}
        sort={parseSort(sort)}
        onSort={(next) => onSort(sortText(next))}
        empty={
          <EmptyState
            icon={<IconUsers size={20} stroke={1.6} aria-hidden />}
            title={t('empty.title')}
            action={manages && <Button onClick={onInvite}>{t('invite')}</Button>}
          >
            {t('empty.text')}
          </EmptyState>
        }
      />
      {editing && <EditMember id={editing.id} name={editing.name} onClose={() => setEditing(null)} />}
      {suspending && (
        <ConfirmDialog
          title={t('suspend.title', { count: suspending.length })}
          text={t('suspend.text')}
          action={t('suspend.action')}
          onClose={() => setSuspending(null)}
          onConfirm={() => setState(suspending, 'suspended')}
        />
      )}
    </>
  );
}

/** Suspends or reactivates several members, each at the version that stands. */
function useSetState() {
  const client = useQueryClient();
  const t = useTranslations('members.suspend');
  const tc = useTranslations('common');
  const change = async (rows: MemberOut[], state: MemberState) => {
    const results = await Promise.allSettled(
      rows.map(async ({ id }) => {
        const { etag } = await client.fetchQuery({ ...member(id), staleTime: 0 });
        return patchMember(id)(etag, { state });
      }),
    );
    void client.invalidateQueries({ queryKey: memberKeys.all });
    const failed = results.filter((result) => result.status === 'rejected');
    if (failed[0]) showProblem(failed[0].reason);
    return rows.filter((_, place) => results[place]?.status === 'fulfilled');
  };
  return async (rows: MemberOut[], state: 'active' | 'suspended') => {
    const done = await change(rows, state);
    const back = state === 'active' ? 'suspended' : 'active';
    if (done.length === 0) return;
    toastDone(t(state === 'active' ? 'back' : 'done', { count: done.length }), {
      undoLabel: tc('undo'),
      undo: async () => void (await change(done, back)),
    });
  };
}

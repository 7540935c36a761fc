import { Button } from '@mantine/core';
import { IconCalendar, IconCircleDot, IconMail, IconMailOff, IconSend, IconUserShield } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { invitationKeys, invitationList, resendInvitation, revokeInvitation } from '@/api/queries/invitations';
import { useCan } from '@/api/queries/me';
import { useMemberName } from '@/api/queries/members';
import type { InvitationOut } from '@/api/schema';
import { DateTime } from '@/format';
import { DataTable } from '@/table/DataTable';
import type { Column } from '@/table/types';
import { EmptyState } from '@/ui/EmptyState';
import { StatusBadge } from '@/ui/StatusBadge';
import { showProblem, toastDone } from '@/ui/toast';
import { useRoleName } from '@/ui/useRoleName';
import { ScopeText } from './ScopeText';
import { lazily } from '@/ui/lazily';
import classes from './members.module.css';

const ConfirmDialog = lazily(() => import('./ConfirmDialog').then((part) => part.ConfirmDialog));

const ICON = { size: 14, stroke: 1.6, 'aria-hidden': true } as const;
const canRevoke = ({ state }: InvitationOut) => state === 'open';
const canResend = ({ state, role }: InvitationOut) => (state === 'open' || state === 'expired') && role !== null;
const canAct = (row: InvitationOut) => canRevoke(row) || canResend(row);

export function InvitationsTable({ onInvite }: { onInvite: () => void }) {
  const t = useTranslations('members.invitations');
  const tm = useTranslations('members');
  const manages = useCan('members.manage');
  const query = useInfiniteQuery(invitationList());
  const columns = useColumns();
  const { resend, revoke } = useInvitationActions();
  const [revoking, setRevoking] = useState<InvitationOut[] | null>(null);
  return (
    <>
      <DataTable<InvitationOut>
        id="invitations"
        label={tm('tabs.invitations')}
        columns={columns}
        query={query}
        rowId={({ id }) => id}
        rowLabel={({ email }) => email}
        bulk={
          manages
            ? [
                {
                  id: 'resend',
                  label: t('resend'),
                  icon: <IconSend size={15} aria-hidden />,
                  enabled: (rows) => rows.some(canResend),
                  run: (rows) => resend(rows.filter(canResend)),
                },
                {
                  id: 'revoke',
                  label: t('revoke'),
                  icon: <IconMailOff size={15} aria-hidden />,
                  danger: true,
                  enabled: (rows) => rows.some(canRevoke),
                  run: (rows) => setRevoking(rows.filter(canRevoke)),
                },
              ]
            : []
        }
        selects={canAct}
        empty={
          <EmptyState
            icon={<IconMail size={20} stroke={1.6} aria-hidden />}
            title={t('empty_title')}
            action={manages && <Button onClick={onInvite}>{tm('invite')}</Button>}
          >
            {t('empty_text')}
          </EmptyState>
        }
      />
      {revoking && (
        <ConfirmDialog
          title={t('revoke_title', { count: revoking.length })}
          text={t('revoke_text')}
          action={t('revoke')}
          onClose={() => setRevoking(null)}
          onConfirm={() => revoke(revoking)}
        />
      )}
    </>
  );
}

function useInvitationActions() {
  const client = useQueryClient();
  const t = useTranslations('members.invitations');
  const each = async (
    rows: InvitationOut[],
    act: (row: InvitationOut) => Promise<unknown>,
    done: (row: InvitationOut) => string,
  ) => {
    const results = await Promise.allSettled(rows.map(act));
    void client.invalidateQueries({ queryKey: invitationKeys.all });
    const ok = rows.filter((_, place) => results[place]?.status === 'fulfilled');
    const failed = results.find((result) => result.status === 'rejected');
    if (ok.length === 1) toastDone(done(ok[0]!));
    else if (ok.length > 1) toastDone(t('done', { ok: ok.length }));
    if (failed) showProblem(failed.reason);
  };
  return {
    resend: (rows: InvitationOut[]) =>
      each(
        rows,
        ({ id }) => resendInvitation(id),
        ({ email }) => t('resent', { email }),
      ),
    revoke: (rows: InvitationOut[]) =>
      each(
        rows,
        ({ id }) => revokeInvitation(id),
        ({ email }) => t('revoked', { email }),
      ),
  };
}

function useColumns(): Column<InvitationOut>[] {
  const t = useTranslations('members');
  const roleName = useRoleName();
  const memberName = useMemberName();
  return [
    {
      id: 'email',
      header: t('columns.email'),
      icon: <IconMail {...ICON} />,
      width: 'minmax(200px, 1.4fr)',
      phone: 'title',
      fixed: true,
      sortBy: ({ email }) => email,
      render: ({ email }) => <span className={classes.cut}>{email}</span>,
    },
    {
      id: 'state',
      header: t('columns.state'),
      icon: <IconCircleDot {...ICON} />,
      width: 'minmax(110px, 0.7fr)',
      phone: 'badge',
      render: ({ state }) => <StatusBadge status={state} />,
    },
    {
      id: 'role',
      header: t('columns.role'),
      icon: <IconUserShield {...ICON} />,
      width: 'minmax(140px, 0.9fr)',
      phone: 'meta',
      render: ({ role }) => (role ? roleName(role.key, role.title) : t('no_role')),
    },
    {
      id: 'projects',
      header: t('columns.projects'),
      width: 'minmax(140px, 1fr)',
      render: (invitation) => <ScopeText scope={invitation} />,
    },
    {
      id: 'sent',
      header: t('columns.sent'),
      icon: <IconCalendar {...ICON} />,
      width: 'minmax(110px, 0.7fr)',
      phone: 'end',
      render: ({ created_at }) => <DateTime at={created_at} as="relative" />,
    },
    {
      id: 'expires',
      header: t('columns.expires'),
      width: 'minmax(110px, 0.7fr)',
      render: ({ expires_at, state }) => state === 'open' && <DateTime at={expires_at} as="relative" />,
    },
    {
      id: 'by',
      header: t('columns.by'),
      width: 'minmax(120px, 0.8fr)',
      render: ({ invited_by }) => memberName(invited_by),
    },
  ];
}

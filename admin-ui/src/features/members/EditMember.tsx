import { Alert, Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { ApiProblem } from '@/api/problem';
import { useMe } from '@/api/queries/me';
import { member, type MemberRecord } from '@/api/queries/members';
import type { MemberPatch } from '@/api/schema';
import { ErrorState } from '@/ui/ErrorState';
import { LinesSkeleton } from '@/ui/Skeletons';
import { changesOf, useSend } from '@/ui/useSend';
import { RoleSelect } from './RoleSelect';
import { ScopeFields, sentScope } from './Scope';
import { useMemberPatch } from './useMemberPatch';

interface Props {
  id: string;
  name: string;
  onClose: () => void;
}

/** A member's name, role, projects and state. */
export function EditMember({ id, name, onClose }: Props) {
  const t = useTranslations('members');
  const query = useQuery({ ...member(id), staleTime: 0 });
  return (
    <Modal opened onClose={onClose} title={t('edit.title', { name })} size={460}>
      {query.data && !query.isFetching ? (
        <MemberForm record={query.data.data} onClose={onClose} />
      ) : query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <LinesSkeleton lines={6} />
      )}
    </Modal>
  );
}

function MemberForm({ record, onClose }: { record: MemberRecord; onClose: () => void }) {
  const t = useTranslations('members.edit');
  const tc = useTranslations('common');
  const patch = useMemberPatch(record.id);
  const [isLast, setLast] = useState(false);
  const before = {
    name: record.name,
    role_id: record.role_id ?? '',
    scope: { all_projects: record.all_projects, project_ids: record.project_ids },
  };
  const form = useForm({
    initialValues: before,
    validate: {
      scope: ({ all_projects, project_ids }) =>
        all_projects || project_ids.length > 0 ? null : t('required_projects'),
    },
  });
  const { busy, send } = useSend(form, { onDone: onClose, shown: true, paths: { project_ids: 'scope' } });
  const change = (body: MemberPatch) =>
    void send(async () => {
      try {
        if (Object.keys(body).length > 0) await patch.mutateAsync(body);
      } catch (error) {
        if (error instanceof ApiProblem && error.kind === 'last-administrator') setLast(true);
        throw error;
      }
    });
  const submit = form.onSubmit((values) => {
    const { scope, ...rest } = changesOf(before, values);
    change({ ...rest, ...(scope ? sentScope(scope) : {}) });
  });
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        {isLast && <Alert color="red">{t('last')}</Alert>}
        <TextInput label={t('name')} required withAsterisk={false} maxLength={200} {...form.getInputProps('name')} />
        <RoleSelect label={t('role')} {...form.getInputProps('role_id')} />
        <ScopeFields
          value={form.values.scope}
          onChange={(scope) => form.setFieldValue('scope', scope)}
          error={form.errors['scope']}
        />
      </Stack>
      <Group justify="space-between" mt="lg">
        <StateButtons record={record} busy={busy} onState={(state) => change({ state })} />
        <Group gap="xs" ml="auto">
          <Button variant="default" size="sm" onClick={onClose}>
            {tc('cancel')}
          </Button>
          <Button type="submit" size="sm" loading={busy}>
            {t('save')}
          </Button>
        </Group>
      </Group>
    </form>
  );
}

interface StateProps {
  record: MemberRecord;
  busy: boolean;
  onState: (state: 'active' | 'suspended') => void;
}

function StateButtons({ record, busy, onState }: StateProps) {
  const t = useTranslations('members.edit');
  const isMe = useMe()?.membership?.member_id === record.id;
  if (isMe) return null;
  if (record.state === 'active') {
    return (
      <Button
        variant="subtle"
        color="red"
        size="sm"
        title={t('suspend_hint')}
        disabled={busy}
        onClick={() => onState('suspended')}
      >
        {t('suspend')}
      </Button>
    );
  }
  return (
    <Button variant="subtle" size="sm" disabled={busy} onClick={() => onState('active')}>
      {t('reactivate')}
    </Button>
  );
}

import { Button, Group, Modal, SegmentedControl, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { idempotencyKey } from '@/api/client';
import { invitationKeys, invite } from '@/api/queries/invitations';
import { toastDone } from '@/ui/toast';
import { useSend } from '@/ui/useSend';
import { InviteMany } from './InviteMany';
import { RoleSelect } from './RoleSelect';
import { ScopeFields, sentScope } from './Scope';

/** Invites one person, or a pasted list. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const t = useTranslations('members.form');
  const [kind, setKind] = useState('one');
  return (
    <Modal opened onClose={onClose} title={t('title')} size={520}>
      <Stack gap="md">
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label={t('title')}
          value={kind}
          onChange={setKind}
          data={[
            { value: 'one', label: t('one') },
            { value: 'many', label: t('many') },
          ]}
        />
        {kind === 'one' ? <InviteOne onClose={onClose} /> : <InviteMany onClose={onClose} />}
      </Stack>
    </Modal>
  );
}

function InviteOne({ onClose }: { onClose: () => void }) {
  const t = useTranslations('members.form');
  const te = useTranslations('members.edit');
  const tc = useTranslations('common');
  const client = useQueryClient();
  const [key, setKey] = useState(idempotencyKey);
  const form = useForm({
    initialValues: { email: '', role_id: '', scope: { all_projects: true, project_ids: [] as string[] } },
    validate: {
      email: (email) => (email.trim() ? null : t('required_email')),
      role_id: (id) => (id ? null : t('required_role')),
      scope: ({ all_projects, project_ids }) =>
        all_projects || project_ids.length > 0 ? null : te('required_projects'),
    },
    // Another person is another request.
    onValuesChange: () => setKey(idempotencyKey()),
  });
  const { busy, send } = useSend(form, {
    onDone: onClose,
    kinds: { 'already-member': 'email' },
    paths: { project_ids: 'scope' },
  });
  const submit = form.onSubmit(({ email, role_id, scope }) =>
    send(async () => {
      await invite({ email: email.trim(), role_id, ...sentScope(scope) }, key);
      void client.invalidateQueries({ queryKey: invitationKeys.all });
      toastDone(t('sent', { email: email.trim() }));
    }),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        <TextInput label={t('email')} type="email" autoComplete="off" data-autofocus {...form.getInputProps('email')} />
        <RoleSelect label={t('role')} {...form.getInputProps('role_id')} />
        <ScopeFields
          value={form.values.scope}
          onChange={(scope) => form.setFieldValue('scope', scope)}
          error={form.errors['scope']}
        />
      </Stack>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" size="sm" onClick={onClose}>
          {tc('cancel')}
        </Button>
        <Button type="submit" size="sm" loading={busy}>
          {t('send')}
        </Button>
      </Group>
    </form>
  );
}

import { Alert, Button, Group, Modal, Stack, Textarea } from '@mantine/core';
import { IconCalendar, IconMail, IconUser, IconWorld } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { approveSignup, platformKeys, rejectSignup } from '@/api/queries/platform';
import type { SignupOut } from '@/api/schema';
import { DateTime } from '@/format';
import { Properties, Property } from '@/ui/RecordPage';
import { StatusBadge } from '@/ui/StatusBadge';
import { toastDone } from '@/ui/toast';

const ICON = { size: 14, stroke: 1.6, 'aria-hidden': true } as const;

/** An application: approve it, which leads to its tenant being made, or turn it down with a note. */
export function SignupDialog({ signup, onClose }: { signup: SignupOut; onClose: () => void }) {
  const t = useTranslations('platform.signups');
  const [rejecting, setRejecting] = useState(false);
  const name = signup.company_name;
  return (
    <Modal opened onClose={onClose} title={rejecting ? t('reject_title', { name }) : name} size={480}>
      <Properties>
        <Property icon={<IconUser {...ICON} />} name={t('admin')}>
          {signup.admin_name}
        </Property>
        <Property icon={<IconMail {...ICON} />} name={t('email')}>
          {signup.email}
        </Property>
        <Property icon={<IconWorld {...ICON} />} name={t('slug')}>
          {signup.slug}
        </Property>
        <Property icon={<IconCalendar {...ICON} />} name={t('created')}>
          <Group gap="xs">
            <DateTime at={signup.created_at} />
            <StatusBadge status={signup.state} />
          </Group>
        </Property>
      </Properties>
      {signup.state === 'unverified' && <Alert color="gray">{t('waits')}</Alert>}
      {signup.tenant_id && (
        <Link to="/platform/tenants/$tenantId" params={{ tenantId: signup.tenant_id }}>
          {t('open_tenant')}
        </Link>
      )}
      {rejecting ? (
        <Reject signup={signup} onBack={() => setRejecting(false)} onDone={onClose} />
      ) : (
        (signup.state === 'verified' || signup.state === 'unverified') && (
          <Decide signup={signup} onReject={() => setRejecting(true)} />
        )
      )}
    </Modal>
  );
}

function Decide({ signup, onReject }: { signup: SignupOut; onReject: () => void }) {
  const t = useTranslations('platform.signups');
  const navigate = useNavigate();
  const client = useQueryClient();
  const approve = useMutation({
    mutationFn: () => approveSignup(signup.id),
    onSuccess: (tenant) => {
      void client.invalidateQueries({ queryKey: platformKeys.all });
      toastDone(t('approved', { name: signup.company_name }));
      void navigate({ to: '/platform/tenants/$tenantId', params: { tenantId: tenant.id } });
    },
  });
  return (
    <Group justify="flex-end" mt="md">
      <Button variant="default" size="sm" disabled={approve.isPending} onClick={onReject}>
        {t('reject')}
      </Button>
      <Button
        size="sm"
        disabled={signup.state !== 'verified'}
        loading={approve.isPending}
        onClick={() => approve.mutate()}
        data-autofocus
      >
        {t('approve')}
      </Button>
    </Group>
  );
}

function Reject({ signup, onBack, onDone }: { signup: SignupOut; onBack: () => void; onDone: () => void }) {
  const t = useTranslations('platform.signups');
  const tc = useTranslations('common');
  const client = useQueryClient();
  const [note, setNote] = useState('');
  const reject = useMutation({
    mutationFn: () => rejectSignup(signup.id, note.trim()),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: platformKeys.signups() });
      toastDone(t('rejected', { name: signup.company_name }));
      onDone();
    },
  });
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    reject.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Alert color="gray">{t('reject_text')}</Alert>
        <Textarea
          label={t('note')}
          description={t('note_hint')}
          rows={3}
          maxLength={500}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          data-autofocus
        />
      </Stack>
      <Group justify="flex-end" mt="md">
        <Button variant="default" size="sm" onClick={onBack}>
          {tc('back')}
        </Button>
        <Button type="submit" size="sm" color="red" disabled={!note.trim()} loading={reject.isPending}>
          {t('reject')}
        </Button>
      </Group>
    </form>
  );
}

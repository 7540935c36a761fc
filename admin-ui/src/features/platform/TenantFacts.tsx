import { Button } from '@mantine/core';
import {
  IconCalendar,
  IconKey,
  IconMessage,
  IconPencil,
  IconReceipt,
  IconServer,
  IconUsers,
  IconBuilding,
  IconFiles,
  IconWorld,
  type Icon,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { tenantUsage } from '@/api/queries/platform';
import type { TenantOut } from '@/api/schema';
import { workspaceUrl } from '@/auth/site';
import { DateTime } from '@/format';
import { useFormat } from '@/format/useFormat';
import { Properties, Property } from '@/ui/RecordPage';
import { StatusBadge } from '@/ui/StatusBadge';
import { lazily } from '@/ui/lazily';
import { usePlanName } from './plans';

const TermsForm = lazily(() => import('./TermsForm').then((part) => part.TermsForm));

/** The side of the page: address, key, plan and limits, dates. */
export function TenantFacts({ tenant }: { tenant: TenantOut }) {
  const t = useTranslations('platform.tenant');
  const tt = useTranslations('platform.tenants');
  const planName = usePlanName();
  const format = useFormat();
  const [editing, setEditing] = useState(false);
  const limit = (value: number | null) => (value === null ? tt('unlimited') : format.number(value));
  const megabytes = tenant.max_file_megabytes;
  return (
    <>
      <Properties title={t('facts')}>
        <Fact icon={IconWorld} name={t('open')}>
          {tenant.state === 'active' ? (
            <a href={workspaceUrl(tenant.slug)} target="_blank" rel="noreferrer">
              {tenant.slug}
            </a>
          ) : (
            tenant.slug
          )}
        </Fact>
        <Fact icon={IconServer} name={tt('cell')}>
          {tenant.cell}
        </Fact>
        <KeyState tenant={tenant} />
        <Fact icon={IconCalendar} name={tt('created')}>
          <DateTime at={tenant.created_at} />
        </Fact>
        <Fact icon={IconCalendar} name={tt('active_since')}>
          {tenant.activated_at && <DateTime at={tenant.activated_at} />}
        </Fact>
        <Fact icon={IconCalendar} name={t('suspended')}>
          {tenant.suspended_at && <DateTime at={tenant.suspended_at} />}
        </Fact>
        <Fact icon={IconMessage} name={t('because')}>
          {tenant.suspended_because}
        </Fact>
        <Fact icon={IconCalendar} name={t('offboarded')}>
          {tenant.offboarded_at && <DateTime at={tenant.offboarded_at} />}
        </Fact>
      </Properties>
      <Properties title={t('terms')}>
        <Fact icon={IconReceipt} name={t('plan')}>
          {planName(tenant.plan)}
        </Fact>
        <Fact icon={IconUsers} name={tt('members')}>
          {limit(tenant.max_members)}
        </Fact>
        <Fact icon={IconBuilding} name={tt('projects')}>
          {limit(tenant.max_projects)}
        </Fact>
        <Fact icon={IconFiles} name={tt('files')}>
          {megabytes === null ? tt('unlimited') : format.bytes(megabytes * 1e6)}
        </Fact>
      </Properties>
      {!tenant.state.startsWith('offboard') && (
        <Button variant="default" leftSection={<IconPencil size={14} aria-hidden />} onClick={() => setEditing(true)}>
          {t('edit_terms')}
        </Button>
      )}
      {editing && <TermsForm tenant={tenant} onClose={() => setEditing(false)} />}
    </>
  );
}

function KeyState({ tenant }: { tenant: TenantOut }) {
  const t = useTranslations('platform.tenant');
  const { data } = useQuery(tenantUsage(tenant.id));
  if (!data) return null;
  const known = (['Enabled', 'Disabled', 'PendingDeletion'] as const).find((known) => known === data.key_state);
  const tone = known === 'Enabled' ? 'green' : known ? 'red' : 'grey';
  return (
    <Fact icon={IconKey} name={t('key')}>
      <StatusBadge status={known ? t(`key_states.${known}`) : (data.key_state ?? t('key_unknown'))} tone={tone} />
    </Fact>
  );
}

function Fact({ icon: Icon, name, children }: { icon: Icon; name: string; children: ReactNode }) {
  if (!children) return null;
  return (
    <Property icon={<Icon size={14} stroke={1.6} aria-hidden />} name={name}>
      {children}
    </Property>
  );
}

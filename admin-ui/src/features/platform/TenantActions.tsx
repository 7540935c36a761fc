import { Button } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { TenantOut } from '@/api/schema';
import { useCommands } from '@/shell/commands';
import { lazily } from '@/ui/lazily';
import { MoreMenu } from '@/ui/MoreMenu';
import { useDecide } from './useDecide';

const ReasonDialog = lazily(() => import('./ReasonDialog').then((part) => part.ReasonDialog));

type Act = 'suspend' | 'resume' | 'offboard';

const ICONS = { suspend: IconPlayerPause, resume: IconPlayerPlay, offboard: IconTrash } as const;

function possible({ state }: TenantOut): Act[] {
  if (state === 'active') return ['suspend', 'offboard'];
  if (state === 'suspended') return ['resume', 'offboard'];
  return state === 'offboarding' ? ['offboard'] : [];
}

/** What can be decided about a tenant: each with a reason, and its name typed. */
export function TenantActions({ tenant }: { tenant: TenantOut }) {
  const t = useTranslations('platform.tenant');
  const [act, setAct] = useState<Act | null>(null);
  const acts = possible(tenant);
  useCommands(
    acts.map((act) => ({
      id: `tenant-${act}`,
      label: `${t(act)}: ${tenant.name}`,
      group: 'act',
      run: () => setAct(act),
    })),
  );
  if (acts.length === 0) return null;
  const [main, ...rest] = acts;
  const icon = (act: Act) => {
    const Icon = ICONS[act];
    return <Icon size={15} stroke={1.8} aria-hidden />;
  };
  return (
    <>
      {main && (
        <Button variant="default" leftSection={icon(main)} onClick={() => setAct(main)}>
          {t(main)}
        </Button>
      )}
      {rest.length > 0 && (
        <MoreMenu
          items={rest.map((act) => ({
            id: act,
            label: t(act),
            icon: icon(act),
            danger: act === 'offboard',
            run: () => setAct(act),
          }))}
        />
      )}
      {act && <Decide key={act} tenant={tenant} act={act} onClose={() => setAct(null)} />}
    </>
  );
}

function Decide({ tenant, act, onClose }: { tenant: TenantOut; act: Act; onClose: () => void }) {
  const t = useTranslations('platform.tenant');
  const decide = useDecide(tenant);
  return (
    <ReasonDialog
      title={t(`${act}_title`, { name: tenant.name })}
      text={t(`${act}_text`)}
      word={tenant.slug}
      action={t(act)}
      onClose={onClose}
      onConfirm={(reason) =>
        decide.mutateAsync(act === 'offboard' ? { act, reason, slug: tenant.slug } : { act, reason })
      }
    />
  );
}

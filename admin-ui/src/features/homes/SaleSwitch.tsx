import { Button } from '@mantine/core';
import { IconBan, IconTag } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { useCan } from '@/api/queries/me';
import type { UnitOut } from '@/api/schema';
import { useLayout } from '@/features/projects/useLayout';
import { lazily } from '@/ui/lazily';
import { useUnitPatch } from './useUnitPatch';

const KeepFromSale = lazily(() => import('./KeepFromSale').then((part) => part.KeepFromSale));

/** Keeps a home from sale, with a reason, or puts it on sale again. */
export function SaleSwitch({ home }: { home: UnitOut }) {
  const t = useTranslations('homes.peek');
  const layout = useLayout(home.project_id);
  const patch = useUnitPatch(home.id, layout);
  const [asking, setAsking] = useState(false);
  const underContract = home.status === 'offer' || home.status === 'pending_signature';
  if (!useCan('units.manage') || underContract) return null;
  if (home.not_for_sale_reason !== null)
    return (
      <Button
        variant="default"
        size="sm"
        leftSection={<IconTag size={15} aria-hidden />}
        loading={patch.isPending}
        onClick={() => patch.mutate({ not_for_sale_reason: null })}
      >
        {t('sell')}
      </Button>
    );
  return (
    <>
      <Button
        variant="default"
        size="sm"
        leftSection={<IconBan size={15} aria-hidden />}
        onClick={() => setAsking(true)}
      >
        {t('keep')}
      </Button>
      {asking && <KeepFromSale home={home} onClose={() => setAsking(false)} />}
    </>
  );
}

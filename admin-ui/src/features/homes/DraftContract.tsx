import { Button } from '@mantine/core';
import { IconFilePlus } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { useCan } from '@/api/queries/me';
import type { UnitOut } from '@/api/schema';

/** Begins a contract for a home that is free. */
export function DraftContract({ home }: { home: UnitOut }) {
  const t = useTranslations('homes.peek');
  const may = useCan('contracts.write');
  if (!may || home.status !== 'available') return null;
  return (
    <Button
      size="sm"
      leftSection={<IconFilePlus size={15} aria-hidden />}
      renderRoot={(props) => <Link {...props} to="/contracts/new" search={{ unit_id: home.id }} />}
    >
      {t('draft')}
    </Button>
  );
}

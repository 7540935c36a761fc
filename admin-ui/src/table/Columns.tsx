import { Button } from '@mantine/core';
import { IconColumns3 } from '@tabler/icons-react';
import { lazy } from 'react';
import { useTranslations } from 'use-intl';
import { OnDemand } from '@/ui/OnDemand';
import type { Column } from './types';

const loadMenu = () => import('./ColumnMenu');
const ColumnMenu = lazy(loadMenu);

interface Props<Row> {
  columns: Column<Row>[];
  shown: Column<Row>[];
  onToggle: (id: string) => void;
}

/** Chooses the columns of a table. */
export function Columns<Row>(props: Props<Row>) {
  const t = useTranslations('common.table');
  return (
    <OnDemand
      load={loadMenu}
      button={
        <Button variant="subtle" color="gray" size="compact-xs" leftSection={<IconColumns3 size={13} aria-hidden />}>
          {t('columns')}
        </Button>
      }
      menu={(target, opening) => <ColumnMenu target={target} {...props} {...opening} />}
    />
  );
}

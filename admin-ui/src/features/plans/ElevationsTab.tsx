import { Button } from '@mantine/core';
import { IconPlus, IconWall } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { elevationsOf } from '@/api/queries/elevations';
import { useCan } from '@/api/queries/me';
import type { ElevationOut, PlanOut } from '@/api/schema';
import classes from '@/features/projects/projects.module.css';
import { PlainTable } from '@/table/PlainTable';
import { EditButton } from '@/ui/EditButton';
import { lazily } from '@/ui/lazily';
import { EmptyState } from '@/ui/EmptyState';

const EditElevation = lazily(() => import('./ElevationForm').then((part) => part.EditElevation));
const NewElevation = lazily(() => import('./ElevationForm').then((part) => part.NewElevation));

export function ElevationsTab({ plan }: { plan: PlanOut }) {
  const t = useTranslations('projects');
  const all = useQuery(elevationsOf(plan.project_id));
  const query = { ...all, data: all.data?.filter(({ plan_id }) => plan_id === plan.id) };
  const may = useCan('projects.manage');
  const [form, setForm] = useState<ElevationOut | 'new' | null>(null);
  const button = may && (
    <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setForm('new')}>
      {t('elevations.new')}
    </Button>
  );
  return (
    <>
      {query.data && query.data.length > 0 && <div className={classes.head}>{button}</div>}
      <PlainTable
        label={t('tab.elevations')}
        columns={[
          {
            id: 'name',
            header: t('field.name'),
            width: '50%',
            render: ({ name }) => <strong>{name}</strong>,
            phone: 'title',
          },
          { id: 'code', header: t('field.code'), width: '40%', render: ({ code }) => code, phone: 'meta' },
          {
            id: 'actions',
            header: '',
            width: '48px',
            align: 'end',
            render: (row) => (may ? <EditButton name={row.name} onClick={() => setForm(row)} /> : null),
            phone: 'end',
          },
        ]}
        query={query}
        rowId={({ id }) => id}
        empty={
          <EmptyState
            icon={<IconWall size={20} stroke={1.6} aria-hidden />}
            title={t('elevations.empty')}
            action={button}
          >
            {t('elevations.empty_text')}
          </EmptyState>
        }
      />
      {form === 'new' && <NewElevation plan={plan} onClose={() => setForm(null)} />}
      {form && form !== 'new' && <EditElevation elevation={form} onClose={() => setForm(null)} />}
    </>
  );
}

import { Button } from '@mantine/core';
import { IconLayout, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { elevationsOf } from '@/api/queries/elevations';
import { useCan } from '@/api/queries/me';
import { plansOf } from '@/api/queries/plans';
import { board } from '@/api/queries/units';
import type { PlanOut } from '@/api/schema';
import { FreeOf } from '@/features/projects/PhasesTab';
import classes from '@/features/projects/projects.module.css';
import { useFormat } from '@/format/useFormat';
import { PlainTable } from '@/table/PlainTable';
import type { Column } from '@/table/types';
import { EditButton } from '@/ui/EditButton';
import { EmptyState } from '@/ui/EmptyState';
import { lazily } from '@/ui/lazily';
import { useRooms } from './useRooms';

const EditPlan = lazily(() => import('./PlanForm').then((part) => part.EditPlan));
const NewPlan = lazily(() => import('./PlanForm').then((part) => part.NewPlan));

export function PlansTab({ projectId }: { projectId: string }) {
  const t = useTranslations('projects');
  const navigate = useNavigate();
  const query = useQuery(plansOf(projectId));
  const may = useCan('projects.manage');
  const [form, setForm] = useState<PlanOut | 'new' | null>(null);
  const open = (plan: PlanOut) =>
    void navigate({ to: '/projects/$projectId/plans/$planId', params: { projectId, planId: plan.id } });
  const button = may && (
    <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setForm('new')}>
      {t('plans.new')}
    </Button>
  );
  return (
    <>
      {query.data && query.data.length > 0 && <div className={classes.head}>{button}</div>}
      <PlainTable
        label={t('tab.plans')}
        columns={useColumns(projectId, may ? setForm : undefined)}
        query={query}
        rowId={(plan) => plan.id}
        onOpen={open}
        empty={
          <EmptyState icon={<IconLayout size={20} stroke={1.6} aria-hidden />} title={t('plans.empty')} action={button}>
            {t('plans.empty_text')}
          </EmptyState>
        }
      />
      {form === 'new' && <NewPlan projectId={projectId} onClose={() => setForm(null)} onCreated={open} />}
      {form && form !== 'new' && <EditPlan plan={form} onClose={() => setForm(null)} />}
    </>
  );
}

function useColumns(projectId: string, onEdit: ((plan: PlanOut) => void) | undefined): Column<PlanOut>[] {
  const t = useTranslations('projects.field');
  const format = useFormat();
  const rooms = useRooms();
  const homes = useQuery(board(projectId)).data?.items;
  const elevations = useQuery(elevationsOf(projectId)).data;
  return [
    { id: 'name', header: t('name'), width: '26%', render: (plan) => <strong>{plan.name}</strong>, phone: 'title' },
    {
      id: 'code',
      header: t('code'),
      width: '14%',
      render: (plan) => <span className={classes.meta}>{plan.code}</span>,
    },
    { id: 'size', header: t('size'), width: '26%', render: rooms, phone: 'meta' },
    {
      id: 'elevations',
      header: t('elevations'),
      width: '10%',
      align: 'end',
      render: (plan) => elevations && format.number(elevations.filter(({ plan_id }) => plan_id === plan.id).length),
    },
    {
      id: 'homes',
      header: t('homes'),
      width: '18%',
      align: 'end',
      render: (plan) => <FreeOf homes={homes?.filter(({ plan_id }) => plan_id === plan.id)} />,
      phone: 'badge',
    },
    {
      id: 'actions',
      header: '',
      width: '48px',
      align: 'end',
      render: (plan) => (onEdit ? <EditButton name={plan.name} onClick={() => onEdit(plan)} /> : null),
      phone: 'end',
    },
  ];
}

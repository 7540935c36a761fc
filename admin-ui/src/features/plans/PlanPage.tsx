import { Button } from '@mantine/core';
import {
  IconBath,
  IconBed,
  IconBuildingCommunity,
  IconFileTypePdf,
  IconHash,
  IconHome,
  IconPencil,
  IconRuler2,
  IconWall,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { useCan } from '@/api/queries/me';
import { plan as planQuery } from '@/api/queries/plans';
import { everyProject } from '@/api/queries/projects';
import type { PlanOut } from '@/api/schema';
import { useFormat } from '@/format/useFormat';
import { useShortcuts } from '@/shell/shortcuts';
import { ErrorState } from '@/ui/ErrorState';
import { Properties, Property, RecordPage } from '@/ui/RecordPage';
import { PageSkeleton } from '@/ui/Skeletons';
import { PlanHomes } from './PlanHomes';
import { lazily } from '@/ui/lazily';
import { useRooms } from './useRooms';

const EditPlan = lazily(() => import('./PlanForm').then((part) => part.EditPlan));

const PlanFiles = lazily(() => import('@/features/files/PlanFiles').then((part) => part.PlanFiles));
const ElevationsTab = lazily(() => import('./ElevationsTab').then((part) => part.ElevationsTab));

const ICON = { size: 15, stroke: 1.6, 'aria-hidden': true } as const;
type Tab = 'floorplans' | 'elevations' | 'homes';

export function PlanPage({ planId, tab }: { planId: string; tab: Tab }) {
  const query = useQuery(planQuery(planId));
  if (query.data) return <Plan plan={query.data.data} tab={tab} />;
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <PageSkeleton />;
}

function Plan({ plan, tab }: { plan: PlanOut; tab: Tab }) {
  const t = useTranslations('projects');
  const navigate = useNavigate({ from: '/projects/$projectId/plans/$planId' });
  const may = useCan('projects.manage');
  const mayFiles = useCan('files.read');
  const [editing, setEditing] = useState(false);
  const edit = () => setEditing(true);
  useShortcuts(may ? [{ keys: 'e', label: t('plans.edit'), group: 'page', run: edit }] : []);
  const floorplans = {
    value: 'floorplans',
    label: t('tab.floorplans'),
    icon: <IconFileTypePdf {...ICON} />,
    content: <PlanFiles projectId={plan.project_id} planId={plan.id} />,
  };
  return (
    <>
      <RecordPage
        title={plan.name}
        actions={
          may && (
            <Button variant="default" leftSection={<IconPencil size={14} aria-hidden />} onClick={edit}>
              {t('plans.edit')}
            </Button>
          )
        }
        properties={<PlanProperties plan={plan} />}
        tab={tab}
        onTab={(next) =>
          void navigate({ search: next === 'floorplans' ? {} : { tab: next as 'homes' | 'elevations' } })
        }
        tabs={[
          ...(mayFiles ? [floorplans] : []),
          {
            value: 'elevations',
            label: t('tab.elevations'),
            icon: <IconWall {...ICON} />,
            content: <ElevationsTab plan={plan} />,
          },
          { value: 'homes', label: t('tab.homes'), icon: <IconHome {...ICON} />, content: <PlanHomes plan={plan} /> },
        ]}
      />
      {editing && <EditPlan plan={plan} onClose={() => setEditing(false)} />}
    </>
  );
}

function PlanProperties({ plan }: { plan: PlanOut }) {
  const t = useTranslations('projects');
  const format = useFormat();
  const rooms = useRooms();
  const project = useQuery(everyProject()).data?.find(({ id }) => id === plan.project_id);
  return (
    <Properties title={rooms(plan)}>
      {project && (
        <Property icon={<IconBuildingCommunity {...ICON} />} name={t('field.project')}>
          <Link to="/projects/$projectId" params={{ projectId: project.id }} search={{ tab: 'plans' }}>
            {project.name}
          </Link>
        </Property>
      )}
      <Property icon={<IconHash {...ICON} />} name={t('field.code')}>
        {plan.code}
      </Property>
      {plan.bedrooms !== null && (
        <Property icon={<IconBed {...ICON} />} name={t('field.bedrooms')}>
          {format.number(plan.bedrooms)}
        </Property>
      )}
      {plan.bathrooms !== null && (
        <Property icon={<IconBath {...ICON} />} name={t('field.bathrooms')}>
          {format.number(plan.bathrooms + (plan.half_bathrooms ?? 0) / 2)}
        </Property>
      )}
      {plan.square_feet !== null && (
        <Property icon={<IconRuler2 {...ICON} />} name={t('field.square_feet')}>
          {t('plans.square_feet', { count: plan.square_feet })}
        </Property>
      )}
    </Properties>
  );
}

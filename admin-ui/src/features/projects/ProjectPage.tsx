import { Button } from '@mantine/core';
import {
  IconArchive,
  IconArchiveOff,
  IconBuilding,
  IconCalendarEvent,
  IconClock,
  IconCoin,
  IconFiles,
  IconHash,
  IconHome,
  IconLayout,
  IconPencil,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { useCan } from '@/api/queries/me';
import { project as projectQuery } from '@/api/queries/projects';
import type { ProjectOut } from '@/api/schema';
import { DateTime } from '@/format';
import { useCommands } from '@/shell/commands';
import { useShortcuts } from '@/shell/shortcuts';
import { ErrorState } from '@/ui/ErrorState';
import { Properties, Property, RecordPage } from '@/ui/RecordPage';
import { PageSkeleton } from '@/ui/Skeletons';
import { StatusBadge } from '@/ui/StatusBadge';
import { Overview } from './Overview';
import { lazily } from '@/ui/lazily';
import { useProjectPatch } from './useProjectPatch';

const EditProject = lazily(() => import('./ProjectForm').then((part) => part.EditProject));

const ProjectFiles = lazily(() => import('@/features/files/ProjectFiles').then((part) => part.ProjectFiles));
const PlansTab = lazily(() => import('@/features/plans/PlansTab').then((part) => part.PlansTab));
const PhasesTab = lazily(() => import('./PhasesTab').then((part) => part.PhasesTab));
const BuildingsTab = lazily(() => import('./BuildingsTab').then((part) => part.BuildingsTab));

const ICON = { size: 15, stroke: 1.6, 'aria-hidden': true } as const;
export type ProjectTab = 'overview' | 'phases' | 'buildings' | 'plans' | 'files';

export function ProjectPage({ projectId, tab }: { projectId: string; tab: ProjectTab }) {
  const query = useQuery(projectQuery(projectId));
  if (query.data) return <Project project={query.data.data} tab={tab} />;
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <PageSkeleton />;
}

function Project({ project, tab }: { project: ProjectOut; tab: ProjectTab }) {
  const t = useTranslations('projects');
  const navigate = useNavigate({ from: '/projects/$projectId/' });
  const may = useCan('projects.manage');
  const mayFiles = useCan('files.read');
  const patch = useProjectPatch(project.id);
  const [editing, setEditing] = useState(false);
  const edit = () => setEditing(true);
  const isActive = project.state === 'active';
  const flip = () => patch.mutate({ state: isActive ? 'archived' : 'active' });
  const flipLabel = t(isActive ? 'archive' : 'unarchive');
  useCommands(
    may
      ? [
          { id: 'edit-project', label: t('edit'), group: 'act', keys: 'e', run: edit },
          { id: 'flip-project', label: flipLabel, group: 'act', run: flip },
        ]
      : [],
  );
  useShortcuts(may ? [{ keys: 'e', label: t('edit'), group: 'page', run: edit }] : []);
  const onTab = (next: string) =>
    void navigate({ search: next === 'overview' ? {} : { tab: next as Exclude<ProjectTab, 'overview'> } });
  return (
    <>
      <RecordPage
        title={project.name}
        aside={<StatusBadge status={project.state} />}
        actions={
          may && (
            <>
              <Button
                variant="default"
                leftSection={
                  isActive ? <IconArchive size={14} aria-hidden /> : <IconArchiveOff size={14} aria-hidden />
                }
                loading={patch.isPending}
                onClick={flip}
              >
                {flipLabel}
              </Button>
              <Button variant="default" leftSection={<IconPencil size={14} aria-hidden />} onClick={edit}>
                {t('edit')}
              </Button>
            </>
          )
        }
        properties={<ProjectProperties project={project} />}
        tab={tab}
        onTab={onTab}
        tabs={[
          {
            value: 'overview',
            label: t('tab.overview'),
            icon: <IconHome {...ICON} />,
            content: <Overview project={project} />,
          },
          {
            value: 'phases',
            label: t('tab.phases'),
            icon: <IconCalendarEvent {...ICON} />,
            content: <PhasesTab project={project} />,
          },
          {
            value: 'buildings',
            label: t('tab.buildings'),
            icon: <IconBuilding {...ICON} />,
            content: <BuildingsTab project={project} />,
          },
          {
            value: 'plans',
            label: t('tab.plans'),
            icon: <IconLayout {...ICON} />,
            content: <PlansTab projectId={project.id} />,
          },
          ...(mayFiles
            ? [
                {
                  value: 'files',
                  label: t('tab.files'),
                  icon: <IconFiles {...ICON} />,
                  content: <ProjectFiles projectId={project.id} />,
                },
              ]
            : []),
        ]}
      />
      {editing && <EditProject project={project} onClose={() => setEditing(false)} />}
    </>
  );
}

function ProjectProperties({ project }: { project: ProjectOut }) {
  const t = useTranslations('projects.field');
  return (
    <Properties>
      <Property icon={<IconHash {...ICON} />} name={t('code')}>
        {project.code}
      </Property>
      <Property icon={<IconCoin {...ICON} />} name={t('currency')}>
        {project.currency}
      </Property>
      <Property icon={<IconClock {...ICON} />} name={t('time_zone')}>
        {project.time_zone.replaceAll('_', ' ')}
      </Property>
      <Property icon={<IconCalendarEvent {...ICON} />} name={t('created')}>
        <DateTime at={project.created_at} as="date" />
      </Property>
    </Properties>
  );
}

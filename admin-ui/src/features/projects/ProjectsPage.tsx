import { IconBuildingCommunity, IconClock, IconCoin, IconHash } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { useCan } from '@/api/queries/me';
import { projectList } from '@/api/queries/projects';
import type { ProjectOut } from '@/api/schema';
import { DateTime } from '@/format';
import { useCommands } from '@/shell/commands';
import { useShortcuts } from '@/shell/shortcuts';
import { DataTable } from '@/table/DataTable';
import type { Column } from '@/table/types';
import { EmptyState } from '@/ui/EmptyState';
import { NewButton } from '@/ui/NewButton';
import { Page } from '@/ui/Page';
import { lazily } from '@/ui/lazily';
import { StatusBadge } from '@/ui/StatusBadge';

const NewProject = lazily(() => import('./ProjectForm').then((part) => part.NewProject));

const ICON = { size: 14, stroke: 1.6, 'aria-hidden': true } as const;

export function ProjectsPage() {
  const t = useTranslations('projects');
  const navigate = useNavigate();
  const query = useInfiniteQuery(projectList());
  const may = useCan('projects.manage');
  const [creating, setCreating] = useState(false);
  const begin = () => setCreating(true);
  const open = (project: ProjectOut) =>
    void navigate({ to: '/projects/$projectId', params: { projectId: project.id }, search: {} });
  useCommands(may ? [{ id: 'new-project', label: t('new'), group: 'act', keys: 'c', run: begin }] : []);
  useShortcuts(may ? [{ keys: 'c', label: t('new'), group: 'page', run: begin }] : []);
  const button = may && <NewButton onClick={begin}>{t('new')}</NewButton>;
  return (
    <Page title={t('title')} actions={button} flush>
      <DataTable
        id="projects"
        label={t('title')}
        columns={useColumns()}
        query={query}
        rowId={(project) => project.id}
        rowLabel={(project) => project.name}
        onOpen={open}
        empty={
          <EmptyState icon={<IconBuildingCommunity size={20} stroke={1.6} />} title={t('empty.title')} action={button}>
            {may ? t('empty.text') : t('empty.limited')}
          </EmptyState>
        }
      />
      {creating && <NewProject onClose={() => setCreating(false)} onCreated={open} />}
    </Page>
  );
}

function useColumns(): Column<ProjectOut>[] {
  const t = useTranslations('projects.field');
  return [
    {
      id: 'name',
      header: t('name'),
      icon: <IconBuildingCommunity {...ICON} />,
      width: 'minmax(200px, 2fr)',
      render: (project) => <strong>{project.name}</strong>,
      sortBy: (project) => project.name,
      phone: 'title',
      fixed: true,
    },
    {
      id: 'state',
      header: t('state'),
      width: '120px',
      render: (project) => <StatusBadge status={project.state} />,
      phone: 'badge',
    },
    {
      id: 'code',
      header: t('code'),
      icon: <IconHash {...ICON} />,
      width: 'minmax(110px, 1fr)',
      render: (project) => project.code,
      phone: 'meta',
    },
    {
      id: 'currency',
      header: t('currency'),
      icon: <IconCoin {...ICON} />,
      width: '110px',
      render: (project) => project.currency,
    },
    {
      id: 'time_zone',
      header: t('time_zone'),
      icon: <IconClock {...ICON} />,
      width: 'minmax(160px, 1fr)',
      render: (project) => project.time_zone.replaceAll('_', ' '),
      phone: 'end',
    },
    {
      id: 'created',
      header: t('created'),
      width: 'minmax(120px, 1fr)',
      render: (project) => <DateTime at={project.created_at} as="date" />,
    },
  ];
}

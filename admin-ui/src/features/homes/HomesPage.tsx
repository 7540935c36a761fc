import { Button, SegmentedControl } from '@mantine/core';
import { IconHome, IconTableImport } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { useCan } from '@/api/queries/me';
import { everyProject } from '@/api/queries/projects';
import type { Status } from '@/api/schema';
import { useLayout } from '@/features/projects/useLayout';
import { useCommands } from '@/shell/commands';
import { useShortcuts } from '@/shell/shortcuts';
import { EmptyState } from '@/ui/EmptyState';
import { NewButton } from '@/ui/NewButton';
import { Page } from '@/ui/Page';
import { PlainSelect } from '@/ui/PlainSelect';
import { HomeFilters } from './HomeFilters';
import { HomesTable } from './HomesTable';
import { lazily } from '@/ui/lazily';
import classes from './homes.module.css';

const HomeForms = lazily(() => import('./HomeForms').then((part) => part.HomeForms));
const HomesBoard = lazily(() => import('./HomesBoard').then((part) => part.HomesBoard));

export const VIEWS = ['table', 'board', 'grid'] as const;
export type View = (typeof VIEWS)[number];

/** The URL of the homes: what is shown, and how. */
export interface HomesSearch {
  project?: string;
  view?: View;
  status?: Status;
  phase?: string;
  building?: string;
  plan?: string;
  number?: string;
  sort?: string;
  /** The home that is shown at a glance. */
  peek?: string;
}

export function HomesPage({ search }: { search: HomesSearch }) {
  const t = useTranslations('homes');
  const navigate = useNavigate({ from: '/homes/' });
  const projects = useQuery(everyProject());
  const may = useCan('units.manage');
  const mayImport = useCan('projects.manage') && may;
  const [creating, setCreating] = useState(false);
  const view = search.view ?? 'table';
  // A board is of one site; so is a table when there is only one.
  const first = view !== 'table' || projects.data?.length === 1 ? projects.data?.[0]?.id : undefined;
  const projectId = search.project ?? first;
  const layout = useLayout(projectId);
  const set = (change: Partial<HomesSearch>, replace = true) =>
    void navigate({ search: (before: HomesSearch) => ({ ...before, ...change }), replace });

  const begin = () => setCreating(true);
  const show = (next: View) => set({ view: next === 'table' ? undefined : next } as HomesSearch, false);
  useCommands([
    ...(may ? [{ id: 'new-home', label: t('new'), group: 'act' as const, keys: 'c', run: begin }] : []),
    ...VIEWS.map((kind) => ({
      id: `view-${kind}`,
      label: `${t('view.label')}: ${t(`view.${kind}`)}`,
      group: 'act' as const,
      run: () => show(kind),
    })),
  ]);
  useShortcuts([
    ...(may ? [{ keys: 'c', label: t('new'), group: 'page' as const, run: begin }] : []),
    ...VIEWS.map((kind, index) => ({
      keys: String(index + 1),
      label: t(`view.${kind}`),
      group: 'page' as const,
      run: () => show(kind),
    })),
  ]);

  const actions = (
    <>
      {mayImport && (
        <Button
          variant="default"
          className={classes.wideOnly ?? ''}
          leftSection={<IconTableImport size={14} aria-hidden />}
          renderRoot={(props) => (
            <Link {...props} to="/homes/import" search={projectId ? { project: projectId } : {}} />
          )}
        >
          {t('import')}
        </Button>
      )}
      {may && <NewButton onClick={begin}>{t('new')}</NewButton>}
    </>
  );
  if (projects.data?.length === 0)
    return (
      <Page title={t('title')}>
        <EmptyState
          icon={<IconHome size={20} stroke={1.6} aria-hidden />}
          title={t('empty.no_project')}
          action={<Button renderRoot={(props) => <Link {...props} to="/projects" />}>{t('project_choice')}</Button>}
        >
          {t('empty.no_project_text')}
        </EmptyState>
      </Page>
    );
  return (
    <Page
      title={t('title')}
      aside={
        <PlainSelect
          label={t('project_choice')}
          value={projectId ?? ''}
          options={[
            ...(view === 'table' && (projects.data?.length ?? 0) > 1 ? [{ value: '', label: t('all_projects') }] : []),
            ...(projects.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={(id) =>
            void navigate({ search: { ...(id ? { project: id } : {}), ...(search.view ? { view: search.view } : {}) } })
          }
        />
      }
      actions={actions}
      toolbar={
        <>
          <SegmentedControl
            size="xs"
            aria-label={t('view.label')}
            value={view}
            onChange={(next) => show(next as View)}
            data={VIEWS.map((value) => ({ value, label: t(`view.${value}`) }))}
          />
          <HomeFilters search={search} layout={layout} projectId={projectId} board={view !== 'table'} onChange={set} />
        </>
      }
      flush
    >
      {view === 'table' ? (
        <HomesTable search={search} projectId={projectId} layout={layout} onChange={set} actions={actions} />
      ) : (
        <HomesBoard
          kind={view}
          search={search}
          projectId={projectId}
          layout={layout}
          onChange={set}
          actions={actions}
        />
      )}
      {creating && <HomeForms projectId={projectId} onClose={() => setCreating(false)} />}
    </Page>
  );
}

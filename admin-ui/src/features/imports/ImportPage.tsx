import { Button } from '@mantine/core';
import { IconHome } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { ApiProblem } from '@/api/problem';
import { useCan } from '@/api/queries/me';
import { everyProject } from '@/api/queries/projects';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorState } from '@/ui/ErrorState';
import { Page } from '@/ui/Page';
import { PlainSelect } from '@/ui/PlainSelect';
import { LinesSkeleton } from '@/ui/Skeletons';
import classes from './imports.module.css';
import { lazily } from '@/ui/lazily';

const PastImports = lazily(() => import('./PastImports').then((part) => part.PastImports));

const ImportWizard = lazily(() => import('./ImportWizard').then((part) => part.ImportWizard));

/** As the API would say to whoever may not import. */
const FORBIDDEN = new ApiProblem(403, {}, 'forbidden');

export function ImportPage({ projectId }: { projectId: string | undefined }) {
  const t = useTranslations('imports');
  const tHomes = useTranslations('homes');
  const navigate = useNavigate();
  const projects = useQuery(everyProject());
  const project = projects.data?.find(({ id }) => id === projectId) ?? projects.data?.[0];
  const select = project && (
    <PlainSelect
      label={tHomes('project_choice')}
      value={project.id}
      options={projects.data?.map(({ id, name }) => ({ value: id, label: name })) ?? []}
      onChange={(id) => void navigate({ to: '/homes/import', search: { project: id } })}
    />
  );
  const may = [useCan('projects.manage'), useCan('units.manage')].every(Boolean);
  if (!may) {
    return (
      <Page title={t('title')}>
        <ErrorState error={FORBIDDEN} />
      </Page>
    );
  }
  return (
    <Page title={t('title')} aside={select}>
      {projects.error && !projects.data && (
        <ErrorState error={projects.error} onRetry={() => void projects.refetch()} />
      )}
      {projects.isPending && <LinesSkeleton />}
      {projects.data?.length === 0 && (
        <EmptyState
          icon={<IconHome size={20} stroke={1.6} aria-hidden />}
          title={tHomes('empty.no_project')}
          action={
            <Button renderRoot={(props) => <Link {...props} to="/projects" />}>{tHomes('project_choice')}</Button>
          }
        >
          {tHomes('empty.no_project_text')}
        </EmptyState>
      )}
      {project && (
        <div className={classes.column}>
          <ImportWizard key={project.id} project={project} past={<PastImports projectId={project.id} />} />
        </div>
      )}
    </Page>
  );
}

import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { dashboardOptions } from '@/api/queries/dashboard';
import { everyProject } from '@/api/queries/projects';
import { GoOn } from '@/features/onboarding/GoOn';
import type { DashboardOut } from '@/api/schema';
import { ErrorState } from '@/ui/ErrorState';
import { Page } from '@/ui/Page';
import { PlainSelect } from '@/ui/PlainSelect';
import { Activity } from './Activity';
import { ApprovalNotice } from './ApprovalNotice';
import { ContractStages } from './ContractStages';
import { DashboardSkeleton } from './DashboardSkeleton';
import { Figures } from './Figures';
import { FirstSteps } from './FirstSteps';
import { HomesByStatus } from './HomesByStatus';
import classes from './dashboard.module.css';

const route = getRouteApi('/_app/');

/** How sales go: in figures, in homes and contracts, and in what happened lately. */
export function DashboardPage() {
  const t = useTranslations('dashboard');
  const { project } = route.useSearch();
  const { data, error, refetch } = useQuery(dashboardOptions(project));
  return (
    <Page title={t('title')} actions={<ProjectChoice project={project} />}>
      {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!error && !data && <DashboardSkeleton />}
      {data && <Parts data={data} project={project} />}
    </Page>
  );
}

function Parts({ data, project }: { data: DashboardOut; project: string | undefined }) {
  const { homes, contracts, months, activity } = data;
  if (!project && homes?.length === 0 && !contracts?.length) return <FirstSteps />;
  return (
    <div className={classes.parts}>
      {contracts?.length === 0 && !project && <GoOn />}
      <ApprovalNotice contracts={contracts} project={project} />
      <Figures homes={homes} contracts={contracts} months={months} />
      <div className={classes.columns}>
        <div className={classes.column}>
          {homes && <HomesByStatus homes={homes} project={project} />}
          {contracts && <ContractStages contracts={contracts} project={project} />}
        </div>
        {activity && <Activity events={activity} />}
      </div>
    </div>
  );
}

function ProjectChoice({ project }: { project: string | undefined }) {
  const t = useTranslations('dashboard');
  const navigate = route.useNavigate();
  const { data: projects } = useQuery(everyProject());
  if (!projects || projects.length < 2) return null;
  return (
    <PlainSelect
      label={t('project')}
      value={project ?? ''}
      options={[
        { value: '', label: t('all_projects') },
        ...projects.map(({ id, name }) => ({ value: id, label: name })),
      ]}
      onChange={(next) => void navigate({ search: next ? { project: next } : {} })}
    />
  );
}

import { createFileRoute } from '@tanstack/react-router';
import { dashboardOptions } from '@/api/queries/dashboard';
import { everyProject } from '@/api/queries/projects';
import { DashboardPage } from '@/features/dashboard/DashboardPage';

interface Search {
  /** The project that the figures are of. */
  project?: string;
}

export const Route = createFileRoute('/_app/')({
  validateSearch: ({ project }): Search => (typeof project === 'string' && project ? { project } : {}),
  loaderDeps: ({ search }) => search,
  loader: ({ context: { queryClient }, deps }) => {
    void queryClient.prefetchQuery(dashboardOptions(deps.project));
    void queryClient.prefetchQuery(everyProject());
  },
  component: DashboardPage,
});

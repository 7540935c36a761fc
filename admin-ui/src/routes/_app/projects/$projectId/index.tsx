import { createFileRoute } from '@tanstack/react-router';
import { project } from '@/api/queries/projects';
import { board } from '@/api/queries/units';
import { ProjectPage } from '@/features/projects/ProjectPage';

const TABS = ['overview', 'phases', 'buildings', 'plans', 'files'] as const;

export const Route = createFileRoute('/_app/projects/$projectId/')({
  validateSearch: (raw: Record<string, unknown>): { tab?: (typeof TABS)[number] } => {
    const tab = TABS.find((tab) => tab === raw['tab']);
    return tab && tab !== 'overview' ? { tab } : {};
  },
  loader: ({ context, params }) => {
    void context.queryClient.prefetchQuery(project(params.projectId));
    void context.queryClient.prefetchQuery(board(params.projectId));
  },
  component: function Project() {
    const { projectId } = Route.useParams();
    return <ProjectPage projectId={projectId} tab={Route.useSearch().tab ?? 'overview'} />;
  },
});

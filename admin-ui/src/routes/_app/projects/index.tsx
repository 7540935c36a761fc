import { createFileRoute } from '@tanstack/react-router';
import { projectList } from '@/api/queries/projects';
import { ProjectsPage } from '@/features/projects/ProjectsPage';

export const Route = createFileRoute('/_app/projects/')({
  loader: ({ context }) => void context.queryClient.prefetchInfiniteQuery(projectList()),
  component: ProjectsPage,
});

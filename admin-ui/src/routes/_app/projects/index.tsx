import { createFileRoute } from '@tanstack/react-router';
import { projectList } from '@/api/queries/projects';
import { settingsOptions } from '@/api/queries/settings';
import { ProjectsPage } from '@/features/projects/ProjectsPage';

export const Route = createFileRoute('/_app/projects/')({
  loader: ({ context: { queryClient } }) => {
    void queryClient.prefetchInfiniteQuery(projectList());
    // What a new project begins with.
    void queryClient.prefetchQuery(settingsOptions);
  },
  component: ProjectsPage,
});

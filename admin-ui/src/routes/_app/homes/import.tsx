import { createFileRoute } from '@tanstack/react-router';
import { everyProject } from '@/api/queries/projects';
import { ImportPage } from '@/features/imports/ImportPage';

export const Route = createFileRoute('/_app/homes/import')({
  validateSearch: (raw: Record<string, unknown>): { project?: string } =>
    typeof raw['project'] === 'string' ? { project: raw['project'] } : {},
  loader: ({ context }) => void context.queryClient.prefetchQuery(everyProject()),
  component: function Import() {
    return <ImportPage projectId={Route.useSearch().project} />;
  },
});

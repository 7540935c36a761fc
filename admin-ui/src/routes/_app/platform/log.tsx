import { createFileRoute } from '@tanstack/react-router';
import { operatorList, platformLog, type LogFilters } from '@/api/queries/platform';
import { LogPage } from '@/features/platform/LogPage';

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

export const Route = createFileRoute('/_app/platform/log')({
  validateSearch: ({ actor, action, object }): LogFilters => ({
    actor: text(actor),
    action: text(action),
    object: text(object),
  }),
  loaderDeps: ({ search }) => search,
  loader: ({ context: { queryClient }, deps }) => {
    void queryClient.prefetchInfiniteQuery(platformLog(deps));
    void queryClient.prefetchQuery(operatorList());
  },
  component: LogPage,
});

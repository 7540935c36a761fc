import { createFileRoute } from '@tanstack/react-router';
import { contractList, orderOf } from '@/api/queries/contracts';
import { everyProject } from '@/api/queries/projects';
import { ContractsPage, type ContractsSearch } from '@/features/contracts/ContractsPage';
import { STATES } from '@/features/contracts/states';

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

export const Route = createFileRoute('/_app/contracts/')({
  validateSearch: (search): ContractsSearch => ({
    state: STATES.find((state) => state === search.state),
    project_id: text(search.project_id),
    unit_id: text(search.unit_id),
    sort: text(search.sort),
  }),
  loaderDeps: ({ search: { sort, ...filters } }) => ({ ...filters, sort: orderOf(sort) }),
  loader: ({ context: { queryClient }, deps }) => {
    void queryClient.prefetchInfiniteQuery(contractList(deps));
    void queryClient.prefetchQuery(everyProject());
  },
  component: ContractsPage,
});

import { createFileRoute } from '@tanstack/react-router';
import { everyProject } from '@/api/queries/projects';
import { unitList } from '@/api/queries/units';
import { HomesPage } from '@/features/homes/HomesPage';
import { filtersOf, readSearch } from '@/features/homes/search';

export const Route = createFileRoute('/_app/homes/')({
  validateSearch: readSearch,
  loaderDeps: ({ search: { peek: _, sort: __, ...search } }) => search,
  loader: ({ context, deps }) => {
    void context.queryClient.prefetchQuery(everyProject());
    if (deps.project && !deps.view)
      void context.queryClient.prefetchInfiniteQuery(unitList(filtersOf(deps, deps.project)));
  },
  component: function Homes() {
    return <HomesPage search={Route.useSearch()} />;
  },
});

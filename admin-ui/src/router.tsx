import { createRouter } from '@tanstack/react-router';
import { queryClient } from './api/queryClient';
import { routeTree } from './routeTree.gen';
import { NotFoundPage } from './shell/NotFoundPage';
import { PageSkeleton } from './ui/Skeletons';
import { ErrorState } from './ui/ErrorState';

export const router = createRouter({
  routeTree,
  context: { queryClient },
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  defaultPendingMs: 120,
  defaultPendingMinMs: 0,
  scrollRestoration: false,
  defaultNotFoundComponent: NotFoundPage,
  defaultPendingComponent: PageSkeleton,
  defaultErrorComponent: ({ error, reset }) => <ErrorState error={error} onRetry={reset} />,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

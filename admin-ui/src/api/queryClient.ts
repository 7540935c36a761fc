import { MutationCache, QueryClient } from '@tanstack/react-query';
import { ApiProblem } from './problem';
import { showProblem } from '@/ui/toast';

declare module '@tanstack/react-query' {
  interface Register {
    defaultError: Error;
    mutationMeta: { /** The screen shows the problem itself. */ handlesProblem?: boolean };
  }
}

/** Repeats what may come right by itself: the network, the limit, a part that is away. Never what was refused. */
export function mayRepeat(failures: number, error: Error): boolean {
  if (!(error instanceof ApiProblem)) return false;
  const passing = error.kind === 'offline' || error.status === 429 || error.status === 503;
  return passing && failures < 3;
}

export function repeatAfter(failures: number, error: Error): number {
  const asked = error instanceof ApiProblem ? error.retryAfterSeconds : null;
  return asked === null ? Math.min(1000 * 2 ** failures, 8000) : Math.min(asked * 1000, 30_000);
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      gcTime: 5 * 60_000,
      retry: mayRepeat,
      retryDelay: repeatAfter,
      refetchOnWindowFocus: true,
    },
    mutations: { retry: false, networkMode: 'always' },
  },
  mutationCache: new MutationCache({
    onError: (error, _variables, _context, mutation) => {
      if (!mutation.meta?.handlesProblem) showProblem(error);
    },
  }),
});

import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import { everyPage } from '@/api/paging';
import type { PasswordIn } from '@/api/schema';

const key = ['me', 'sessions'] as const;

/** One's own sessions: a handful. */
export const sessionsOptions = queryOptions({
  queryKey: key,
  queryFn: ({ signal }) =>
    everyPage((cursor) => unwrap(api.GET('/v1/me/sessions', { params: { query: { limit: 200, cursor } }, signal }))),
});

export function useEndSession() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE('/v1/me/sessions/{id}', { params: { path: { id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: key }),
  });
}

export function useEndOtherSessions() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => unwrap(api.POST('/v1/me/sessions/end-others')),
    onSettled: () => client.invalidateQueries({ queryKey: key }),
  });
}

export function useChangePassword() {
  const client = useQueryClient();
  return useMutation({
    meta: { handlesProblem: true },
    mutationFn: (body: PasswordIn) => unwrap(api.POST('/v1/me/password', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: key }),
  });
}

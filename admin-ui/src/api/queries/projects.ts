import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap, versioned } from '@/api/client';
import { everyPage, keyset } from '@/api/paging';
import type { ProjectIn, ProjectPatch } from '@/api/schema';

export const projectKeys = {
  all: ['projects'] as const,
  list: () => [...projectKeys.all, 'list'] as const,
  every: () => [...projectKeys.all, 'every'] as const,
  one: (id: string) => [...projectKeys.all, 'one', id] as const,
};

export const projectList = () =>
  infiniteQueryOptions({
    queryKey: projectKeys.list(),
    queryFn: ({ pageParam, signal }) =>
      unwrap(api.GET('/v1/projects', { params: { query: { limit: 100, cursor: pageParam } }, signal })),
    ...keyset,
  });

/** Every project that the member works in, for selects and for the names that lists show. */
export const everyProject = () =>
  queryOptions({
    queryKey: projectKeys.every(),
    queryFn: ({ signal }) =>
      everyPage((cursor) => unwrap(api.GET('/v1/projects', { params: { query: { limit: 200, cursor } }, signal }))),
    staleTime: 5 * 60_000,
  });

export const project = (id: string) =>
  queryOptions({
    queryKey: projectKeys.one(id),
    queryFn: ({ signal }) => versioned(api.GET('/v1/projects/{id}', { params: { path: { id } }, signal })),
  });

export const patchProject = (id: string) => (etag: string, body: ProjectPatch) =>
  versioned(api.PATCH('/v1/projects/{id}', { params: { path: { id }, header: { 'If-Match': etag } }, body }));

export function useCreateProject() {
  const client = useQueryClient();
  return useMutation({
    meta: { handlesProblem: true },
    mutationFn: ({ key, body }: { key: string; body: ProjectIn }) =>
      unwrap(api.POST('/v1/projects', { params: { header: { 'Idempotency-Key': key } }, body })),
    onSuccess: () => client.invalidateQueries({ queryKey: projectKeys.all }),
  });
}

import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap, versioned } from '@/api/client';
import { everyPage } from '@/api/paging';
import type { ElevationIn, ElevationPatch } from '@/api/schema';

export const elevationKeys = {
  all: ['elevations'] as const,
  of: (projectId: string) => [...elevationKeys.all, 'of', projectId] as const,
  one: (id: string) => [...elevationKeys.all, 'one', id] as const,
};

/** Every elevation of a project; those of a plan are found among them. */
export const elevationsOf = (projectId: string) =>
  queryOptions({
    queryKey: elevationKeys.of(projectId),
    queryFn: ({ signal }) =>
      everyPage((cursor) =>
        unwrap(api.GET('/v1/elevations', { params: { query: { project_id: projectId, limit: 200, cursor } }, signal })),
      ),
    staleTime: 5 * 60_000,
  });

export const elevation = (id: string) =>
  queryOptions({
    queryKey: elevationKeys.one(id),
    queryFn: ({ signal }) => versioned(api.GET('/v1/elevations/{id}', { params: { path: { id } }, signal })),
  });

export const patchElevation = (id: string) => (etag: string, body: ElevationPatch) =>
  versioned(api.PATCH('/v1/elevations/{id}', { params: { path: { id }, header: { 'If-Match': etag } }, body }));

export function useCreateElevation() {
  const client = useQueryClient();
  return useMutation({
    meta: { handlesProblem: true },
    mutationFn: ({ key, body }: { key: string; body: ElevationIn }) =>
      unwrap(api.POST('/v1/elevations', { params: { header: { 'Idempotency-Key': key } }, body })),
    onSuccess: ({ project_id }) => client.invalidateQueries({ queryKey: elevationKeys.of(project_id) }),
  });
}

import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap, versioned } from '@/api/client';
import { everyPage } from '@/api/paging';
import type { PhaseIn, PhasePatch } from '@/api/schema';

export const phaseKeys = {
  all: ['phases'] as const,
  of: (projectId: string) => [...phaseKeys.all, 'of', projectId] as const,
  one: (id: string) => [...phaseKeys.all, 'one', id] as const,
};

/** Every phase of a project. */
export const phasesOf = (projectId: string) =>
  queryOptions({
    queryKey: phaseKeys.of(projectId),
    queryFn: ({ signal }) =>
      everyPage((cursor) =>
        unwrap(api.GET('/v1/phases', { params: { query: { project_id: projectId, limit: 200, cursor } }, signal })),
      ),
    staleTime: 5 * 60_000,
  });

export const phase = (id: string) =>
  queryOptions({
    queryKey: phaseKeys.one(id),
    queryFn: ({ signal }) => versioned(api.GET('/v1/phases/{id}', { params: { path: { id } }, signal })),
  });

export const patchPhase = (id: string) => (etag: string, body: PhasePatch) =>
  versioned(api.PATCH('/v1/phases/{id}', { params: { path: { id }, header: { 'If-Match': etag } }, body }));

export function useCreatePhase() {
  const client = useQueryClient();
  return useMutation({
    meta: { handlesProblem: true },
    mutationFn: ({ key, body }: { key: string; body: PhaseIn }) =>
      unwrap(api.POST('/v1/phases', { params: { header: { 'Idempotency-Key': key } }, body })),
    onSuccess: ({ project_id }) => client.invalidateQueries({ queryKey: phaseKeys.of(project_id) }),
  });
}

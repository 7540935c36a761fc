import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap, versioned } from '@/api/client';
import { everyPage } from '@/api/paging';
import type { PlanIn, PlanPatch } from '@/api/schema';

export const planKeys = {
  all: ['plans'] as const,
  of: (projectId: string) => [...planKeys.all, 'of', projectId] as const,
  one: (id: string) => [...planKeys.all, 'one', id] as const,
};

/** Every plan of a project. */
export const plansOf = (projectId: string) =>
  queryOptions({
    queryKey: planKeys.of(projectId),
    queryFn: ({ signal }) =>
      everyPage((cursor) =>
        unwrap(api.GET('/v1/plans', { params: { query: { project_id: projectId, limit: 200, cursor } }, signal })),
      ),
    staleTime: 5 * 60_000,
  });

export const plan = (id: string) =>
  queryOptions({
    queryKey: planKeys.one(id),
    queryFn: ({ signal }) => versioned(api.GET('/v1/plans/{id}', { params: { path: { id } }, signal })),
  });

export const patchPlan = (id: string) => (etag: string, body: PlanPatch) =>
  versioned(api.PATCH('/v1/plans/{id}', { params: { path: { id }, header: { 'If-Match': etag } }, body }));

export function useCreatePlan() {
  const client = useQueryClient();
  return useMutation({
    meta: { handlesProblem: true },
    mutationFn: ({ key, body }: { key: string; body: PlanIn }) =>
      unwrap(api.POST('/v1/plans', { params: { header: { 'Idempotency-Key': key } }, body })),
    onSuccess: ({ project_id }) => client.invalidateQueries({ queryKey: planKeys.of(project_id) }),
  });
}

import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap, versioned } from '@/api/client';
import { everyPage } from '@/api/paging';
import type { BuildingIn, BuildingPatch } from '@/api/schema';

export const buildingKeys = {
  all: ['buildings'] as const,
  of: (projectId: string) => [...buildingKeys.all, 'of', projectId] as const,
  one: (id: string) => [...buildingKeys.all, 'one', id] as const,
};

/** Every building of a project. */
export const buildingsOf = (projectId: string) =>
  queryOptions({
    queryKey: buildingKeys.of(projectId),
    queryFn: ({ signal }) =>
      everyPage((cursor) =>
        unwrap(api.GET('/v1/buildings', { params: { query: { project_id: projectId, limit: 200, cursor } }, signal })),
      ),
    staleTime: 5 * 60_000,
  });

export const building = (id: string) =>
  queryOptions({
    queryKey: buildingKeys.one(id),
    queryFn: ({ signal }) => versioned(api.GET('/v1/buildings/{id}', { params: { path: { id } }, signal })),
  });

export const patchBuilding = (id: string) => (etag: string, body: BuildingPatch) =>
  versioned(api.PATCH('/v1/buildings/{id}', { params: { path: { id }, header: { 'If-Match': etag } }, body }));

export function useCreateBuilding() {
  const client = useQueryClient();
  return useMutation({
    meta: { handlesProblem: true },
    mutationFn: ({ key, body }: { key: string; body: BuildingIn }) =>
      unwrap(api.POST('/v1/buildings', { params: { header: { 'Idempotency-Key': key } }, body })),
    onSuccess: ({ project_id }) => client.invalidateQueries({ queryKey: buildingKeys.of(project_id) }),
  });
}

import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap, versioned } from '@/api/client';
import { everyPage, keyset } from '@/api/paging';
import type { Status, UnitIn, UnitPatch } from '@/api/schema';

/** What the API can narrow homes down by. */
export interface UnitFilters {
  project_id?: string | undefined;
  phase_id?: string | undefined;
  building_id?: string | undefined;
  plan_id?: string | undefined;
  status?: Status | undefined;
  number?: string | undefined;
}

export const unitKeys = {
  all: ['units'] as const,
  list: (filters: UnitFilters) => [...unitKeys.all, 'list', filters] as const,
  every: (filters: UnitFilters) => [...unitKeys.all, 'every', filters] as const,
  board: (projectId: string, buildingId?: string) => [...unitKeys.all, 'board', projectId, buildingId ?? null] as const,
  one: (id: string) => [...unitKeys.all, 'one', id] as const,
};

export const unitList = (filters: UnitFilters) =>
  infiniteQueryOptions({
    queryKey: unitKeys.list(filters),
    queryFn: ({ pageParam, signal }) =>
      unwrap(api.GET('/v1/units', { params: { query: { limit: 100, ...filters, cursor: pageParam } }, signal })),
    ...keyset,
  });

/** What a board shows of a project's homes, in one request; of very many, the first two thousand. */
export const board = (projectId: string, buildingId?: string) =>
  queryOptions({
    queryKey: unitKeys.board(projectId, buildingId),
    queryFn: ({ signal }) => {
      const query = { project_id: projectId, ...(buildingId ? { building_id: buildingId } : {}) };
      return unwrap(api.GET('/v1/units/board', { params: { query }, signal }));
    },
  });

/** Every home that matches, with everything that is known of it. */
export const everyUnit = (filters: UnitFilters) =>
  queryOptions({
    queryKey: unitKeys.every(filters),
    queryFn: ({ signal }) =>
      everyPage((cursor) =>
        unwrap(api.GET('/v1/units', { params: { query: { limit: 200, ...filters, cursor } }, signal })),
      ),
  });

export const unit = (id: string) =>
  queryOptions({
    queryKey: unitKeys.one(id),
    queryFn: ({ signal }) => versioned(api.GET('/v1/units/{id}', { params: { path: { id } }, signal })),
  });

export const patchUnit = (id: string) => (etag: string, body: UnitPatch) =>
  versioned(api.PATCH('/v1/units/{id}', { params: { path: { id }, header: { 'If-Match': etag } }, body }));

export function useCreateUnit() {
  const client = useQueryClient();
  return useMutation({
    meta: { handlesProblem: true },
    mutationFn: ({ key, body }: { key: string; body: UnitIn }) =>
      unwrap(api.POST('/v1/units', { params: { header: { 'Idempotency-Key': key } }, body })),
    onSuccess: () => client.invalidateQueries({ queryKey: unitKeys.all }),
  });
}

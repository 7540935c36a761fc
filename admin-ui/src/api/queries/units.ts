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
  one: (id: string) => [...unitKeys.all, 'one', id] as const,
};

export const unitList = (filters: UnitFilters) =>
  infiniteQueryOptions({
    queryKey: unitKeys.list(filters),
    queryFn: ({ pageParam, signal }) =>
      unwrap(api.GET('/v1/units', { params: { query: { limit: 100, ...filters, cursor: pageParam } }, signal })),
    ...keyset,
  });

/** Every home that matches, for boards: a site is looked at whole. */
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

import { queryOptions } from '@tanstack/react-query';
import { api, unwrap, versioned } from '@/api/client';
import { everyPage } from '@/api/paging';
import type { RolePatch } from '@/api/schema';

export const roleKeys = {
  all: ['roles'] as const,
  every: () => [...roleKeys.all, 'every'] as const,
  one: (id: string) => [...roleKeys.all, 'one', id] as const,
};

/** Every role, the oldest first: that is the order of the presets. */
export const everyRole = () =>
  queryOptions({
    queryKey: roleKeys.every(),
    queryFn: async ({ signal }) => {
      const roles = await everyPage((cursor) =>
        unwrap(api.GET('/v1/roles', { params: { query: { limit: 200, cursor } }, signal })),
      );
      return roles.toReversed();
    },
    staleTime: 5 * 60_000,
  });

export const role = (id: string) =>
  queryOptions({
    queryKey: roleKeys.one(id),
    queryFn: ({ signal }) => versioned(api.GET('/v1/roles/{id}', { params: { path: { id } }, signal })),
  });

export const patchRole = (id: string) => (etag: string, body: RolePatch) =>
  versioned(api.PATCH('/v1/roles/{id}', { params: { path: { id }, header: { 'If-Match': etag } }, body }));

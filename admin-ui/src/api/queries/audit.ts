import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import { keyset } from '@/api/paging';

/** What the API can narrow the trail down by. */
export interface AuditFilters {
  object_id?: string | undefined;
  object_kind?: string | undefined;
  actor?: string | undefined;
  action?: string | undefined;
}

export const auditKeys = {
  all: ['audit'] as const,
  list: (filters: AuditFilters) => [...auditKeys.all, 'list', filters] as const,
  head: () => [...auditKeys.all, 'head'] as const,
  key: () => [...auditKeys.all, 'key'] as const,
};

export const auditEvents = (filters: AuditFilters) =>
  infiniteQueryOptions({
    queryKey: auditKeys.list(filters),
    queryFn: ({ pageParam, signal }) =>
      unwrap(api.GET('/v1/audit/events', { params: { query: { limit: 100, ...filters, cursor: pageParam } }, signal })),
    ...keyset,
  });

export const auditHead = () =>
  queryOptions({
    queryKey: auditKeys.head(),
    queryFn: ({ signal }) => unwrap(api.GET('/v1/audit/head', { signal })),
  });

/** The key that signs checkpoints. */
export const auditKey = () =>
  queryOptions({
    queryKey: auditKeys.key(),
    queryFn: ({ signal }) => unwrap(api.GET('/v1/audit/key', { signal })),
  });

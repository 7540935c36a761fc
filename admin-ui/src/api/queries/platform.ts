import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, unwrap, versioned } from '@/api/client';
import { keyset } from '@/api/paging';
import type { TenantOut, TenantPatch } from '@/api/schema';

/** What the API can narrow the platform's log down by. */
export interface LogFilters {
  actor?: string | undefined;
  action?: string | undefined;
  object?: string | undefined;
}

export const platformKeys = {
  all: ['platform'] as const,
  signups: () => [...platformKeys.all, 'signups'] as const,
  tenants: () => [...platformKeys.all, 'tenants'] as const,
  tenant: (id: string) => [...platformKeys.all, 'tenant', id] as const,
  usage: (id: string) => [...platformKeys.tenant(id), 'usage'] as const,
  operators: () => [...platformKeys.all, 'operators'] as const,
  health: () => [...platformKeys.all, 'health'] as const,
  log: (filters: LogFilters) => [...platformKeys.all, 'log', filters] as const,
};

export const signupList = () =>
  infiniteQueryOptions({
    queryKey: platformKeys.signups(),
    queryFn: ({ pageParam, signal }) =>
      unwrap(api.GET('/v1/platform/signups', { params: { query: { limit: 100, cursor: pageParam } }, signal })),
    ...keyset,
  });

export const approveSignup = (id: string) =>
  unwrap(api.POST('/v1/platform/signups/{id}/approve', { params: { path: { id } } }));

export const rejectSignup = (id: string, note: string) =>
  unwrap(api.POST('/v1/platform/signups/{id}/reject', { params: { path: { id } }, body: { note } }));

export const tenantList = () =>
  infiniteQueryOptions({
    queryKey: platformKeys.tenants(),
    queryFn: ({ pageParam, signal }) =>
      unwrap(api.GET('/v1/platform/tenants', { params: { query: { limit: 100, cursor: pageParam } }, signal })),
    ...keyset,
  });

const BUSY_MS = 800;

/** Whether the platform is at work on it by itself. */
export const isBusy = ({ state }: Pick<TenantOut, 'state'>) => state === 'provisioning' || state === 'offboarding';

/** A tenant with its steps; asked anew while the platform works on it. */
export const tenant = (id: string) =>
  queryOptions({
    queryKey: platformKeys.tenant(id),
    queryFn: ({ signal }) => versioned(api.GET('/v1/platform/tenants/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (state.data && isBusy(state.data.data) ? BUSY_MS : false),
  });

export const tenantUsage = (id: string) =>
  queryOptions({
    queryKey: platformKeys.usage(id),
    queryFn: ({ signal }) => unwrap(api.GET('/v1/platform/tenants/{id}/usage', { params: { path: { id } }, signal })),
  });

export const patchTenant = (id: string) => (etag: string, body: TenantPatch) =>
  versioned(api.PATCH('/v1/platform/tenants/{id}', { params: { path: { id }, header: { 'If-Match': etag } }, body }));

/** What an operator decides about a tenant; off-boarding names its slug once more. */
export type Decision =
  | { act: 'suspend' | 'resume'; reason: string }
  | { act: 'offboard'; reason: string; slug: string }
  | { act: 'provision' };

export function decide(id: string, decision: Decision) {
  const params = { path: { id } };
  switch (decision.act) {
    case 'suspend':
      return unwrap(api.POST('/v1/platform/tenants/{id}/suspend', { params, body: { reason: decision.reason } }));
    case 'resume':
      return unwrap(api.POST('/v1/platform/tenants/{id}/resume', { params, body: { reason: decision.reason } }));
    case 'provision':
      return unwrap(api.POST('/v1/platform/tenants/{id}/provision', { params }));
    case 'offboard': {
      const { reason, slug } = decision;
      return unwrap(api.POST('/v1/platform/tenants/{id}/offboard', { params, body: { reason, slug } }));
    }
  }
}

export const operatorList = () =>
  queryOptions({
    queryKey: platformKeys.operators(),
    queryFn: ({ signal }) => unwrap(api.GET('/v1/platform/operators', { signal })),
  });

export const inviteOperator = (email: string) => unwrap(api.POST('/v1/platform/operators', { body: { email } }));

export const disableOperator = (id: string, reason: string) =>
  unwrap(api.POST('/v1/platform/operators/{id}/disable', { params: { path: { id } }, body: { reason } }));

export const platformHealth = () =>
  queryOptions({
    queryKey: platformKeys.health(),
    queryFn: ({ signal }) => unwrap(api.GET('/v1/platform/health', { signal })),
    refetchInterval: 5000,
  });

export const replayMail = (id: string) =>
  unwrap(api.POST('/v1/platform/mail/{id}/replay', { params: { path: { id } } }));

export const platformLog = (filters: LogFilters) =>
  infiniteQueryOptions({
    queryKey: platformKeys.log(filters),
    queryFn: ({ pageParam, signal }) =>
      unwrap(api.GET('/v1/platform/log', { params: { query: { limit: 100, ...filters, cursor: pageParam } }, signal })),
    ...keyset,
  });

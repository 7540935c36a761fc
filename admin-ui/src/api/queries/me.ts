import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, unwrap, versioned, type Versioned } from '@/api/client';
import type { MeOut, MePatch, Permission } from '@/api/schema';
import { place } from '@/auth/site';

export const meKey = ['me', 'self'] as const;

/** The member, or on the console the operator, whose token is good below `/v1/platform` only. */
export function readMe(signal?: AbortSignal): Promise<Versioned<MeOut>> {
  const options = signal ? { signal } : {};
  return place.site === 'console' ? readOperator(options) : versioned(api.GET('/v1/me', options));
}

async function readOperator(options: { signal?: AbortSignal }): Promise<Versioned<MeOut>> {
  const operator = await unwrap(api.GET('/v1/platform/me', options));
  return { data: { ...operator, locale: null, time_zone: null, membership: null }, etag: '' };
}

export const meOptions = queryOptions({
  queryKey: meKey,
  queryFn: ({ signal }) => readMe(signal),
  staleTime: 60_000,
});

export const writeMe = (etag: string, body: MePatch) =>
  versioned(api.PATCH('/v1/me', { params: { header: { 'If-Match': etag } }, body }));

/** Who is logged in; undefined while loading. */
export function useMe() {
  return useQuery({ ...meOptions, select: ({ data }) => data }).data;
}

/** Whether the role holds the permission. Only to hide what the server would refuse. */
export function useCan(permission: Permission): boolean {
  return useMe()?.membership?.permissions.includes(permission) ?? false;
}

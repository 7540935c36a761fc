import { queryOptions, useQuery } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { Permission } from '@/api/schema';

export const meOptions = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => unwrap(api.GET('/v1/me', { signal })),
  staleTime: 60_000,
});

/** Who is logged in; undefined while loading. */
export function useMe() {
  return useQuery(meOptions).data;
}

/** Whether the role holds the permission. Only to hide what the server would refuse. */
export function useCan(permission: Permission): boolean {
  return useMe()?.membership?.permissions.includes(permission) ?? false;
}

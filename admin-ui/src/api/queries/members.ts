import { infiniteQueryOptions, queryOptions, useQuery } from '@tanstack/react-query';
import { api, unwrap, versioned } from '@/api/client';
import { everyPage, keyset } from '@/api/paging';
import type { MemberPatch } from '@/api/schema';
import { useCan, useMe } from './me';

export const memberKeys = {
  all: ['members'] as const,
  list: () => [...memberKeys.all, 'list'] as const,
  every: () => [...memberKeys.all, 'every'] as const,
  one: (id: string) => [...memberKeys.all, 'one', id] as const,
};

export const memberList = () =>
  infiniteQueryOptions({
    queryKey: memberKeys.list(),
    queryFn: ({ pageParam, signal }) =>
      unwrap(api.GET('/v1/members', { params: { query: { limit: 100, cursor: pageParam } }, signal })),
    ...keyset,
  });

/** Every member, for the names that other screens show. */
export const everyMember = () =>
  queryOptions({
    queryKey: memberKeys.every(),
    queryFn: ({ signal }) =>
      everyPage((cursor) => unwrap(api.GET('/v1/members', { params: { query: { limit: 200, cursor } }, signal }))),
    staleTime: 5 * 60_000,
  });

export const member = (id: string) =>
  queryOptions({
    queryKey: memberKeys.one(id),
    queryFn: ({ signal }) => versioned(api.GET('/v1/members/{id}', { params: { path: { id } }, signal })),
  });

export const patchMember = (id: string) => (etag: string, body: MemberPatch) =>
  versioned(api.PATCH('/v1/members/{id}', { params: { path: { id }, header: { 'If-Match': etag } }, body }));

/** Names of colleagues by id; null for who may not see members, except for oneself, and dots while they load. */
export function useMemberName(): (id: string | null | undefined) => string | null {
  const me = useMe();
  const { data: members, isLoading } = useQuery({ ...everyMember(), enabled: useCan('members.read') });
  return (id) => {
    if (!id) return null;
    if (id === me?.membership?.member_id) return me.name;
    return members?.find((member) => member.id === id)?.name ?? (isLoading ? '…' : null);
  };
}

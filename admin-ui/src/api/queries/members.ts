import { infiniteQueryOptions, queryOptions, useQuery } from '@tanstack/react-query';
import { api, unwrap, versioned, type Versioned } from '@/api/client';
import { everyPage, keyset } from '@/api/paging';
import type { MemberOut, MemberPatch } from '@/api/schema';
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

/** A member with the role's id beside its name: that is what a patch writes. */
export type MemberRecord = MemberOut & { role_id: string | undefined };

async function withRoleId(answer: Promise<Versioned<MemberOut>>): Promise<Versioned<MemberRecord>> {
  const { data, etag } = await answer;
  return { etag, data: { ...data, role_id: data.role?.id } };
}

export const member = (id: string) =>
  queryOptions({
    queryKey: memberKeys.one(id),
    queryFn: ({ signal }) => withRoleId(versioned(api.GET('/v1/members/{id}', { params: { path: { id } }, signal }))),
  });

export const patchMember = (id: string) => (etag: string, body: MemberPatch) =>
  withRoleId(
    versioned(api.PATCH('/v1/members/{id}', { params: { path: { id }, header: { 'If-Match': etag } }, body })),
  );

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

import { infiniteQueryOptions } from '@tanstack/react-query';
import { api, idempotencyKey, unwrap } from '@/api/client';
import { keyset } from '@/api/paging';
import type { InvitationIn } from '@/api/schema';

export const invitationKeys = { all: ['invitations'] as const };

export const invitationList = () =>
  infiniteQueryOptions({
    queryKey: invitationKeys.all,
    queryFn: ({ pageParam, signal }) =>
      unwrap(api.GET('/v1/invitations', { params: { query: { limit: 100, cursor: pageParam } }, signal })),
    ...keyset,
  });

/** Sends an invitation; an open one to the same address stops working. */
export const invite = (body: InvitationIn, key = idempotencyKey()) =>
  unwrap(api.POST('/v1/invitations', { params: { header: { 'Idempotency-Key': key } }, body }));

export const revokeInvitation = (id: string) =>
  unwrap(api.DELETE('/v1/invitations/{id}', { params: { path: { id } } }));

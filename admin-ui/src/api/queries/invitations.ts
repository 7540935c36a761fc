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

/** Invites all of them, or none: a refusal names each row that cannot be accepted. */
export const inviteAll = (invitations: InvitationIn[]) =>
  unwrap(api.POST('/v1/invitations/bulk', { body: { invitations } }));

/** How many go at once. */
export const MOST_AT_ONCE = 100;

/** Sends it again; the old link stops working. */
export const resendInvitation = (id: string) =>
  unwrap(api.POST('/v1/invitations/{id}/resend', { params: { path: { id } } }));

export const revokeInvitation = (id: string) =>
  unwrap(api.DELETE('/v1/invitations/{id}', { params: { path: { id } } }));

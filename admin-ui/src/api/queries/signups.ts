import { queryOptions } from '@tanstack/react-query';
import { publicApi, unwrap } from '@/api/client';
import type { AcceptIn, AcceptOperatorIn, SignupIn, SignupOut } from '@/api/schema';

export const signUp = (body: SignupIn) => unwrap(publicApi.POST('/v1/signups', { body }));

export const verifySignup = (token: string) => unwrap(publicApi.POST('/v1/signups/verify', { body: { token } }));

export const acceptInvitation = (body: AcceptIn) => unwrap(publicApi.POST('/v1/invitations/accept', { body }));

export const acceptOperatorInvitation = (body: AcceptOperatorIn) =>
  unwrap(publicApi.POST('/v1/operator-invitations/accept', { body }));

const ASK_AGAIN_MS = 5000;

/** Where an application stands. Verifying may be repeated, and is the one thing that a token may ask. */
export const signupProgress = (token: string, first: SignupOut) =>
  queryOptions({
    queryKey: ['signup', first.id],
    queryFn: () => verifySignup(token),
    initialData: first,
    refetchInterval: ({ state }) => (state.data?.state === 'verified' ? ASK_AGAIN_MS : false),
  });

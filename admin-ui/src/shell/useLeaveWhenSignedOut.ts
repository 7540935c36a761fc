import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { session } from '@/auth/session';

/** Goes to the sign-in when the session is closed, here or in another tab, and forgets what was read. */
export function useLeaveWhenSignedOut(): void {
  const navigate = useNavigate();
  const client = useQueryClient();
  useEffect(
    () =>
      session.subscribe(() => {
        if (session.state !== 'signed-out') return;
        void navigate({ to: '/sign-in' }).then(() => client.clear());
      }),
    [navigate, client],
  );
}

import { lazy, Suspense, useSyncExternalStore } from 'react';
import { session } from '@/auth/session';
import { currentConflict, subscribeConflict } from '@/ui/conflict';

const ConflictDialog = lazy(() => import('@/ui/ConflictDialog'));
const SessionEnded = lazy(() => import('./SessionEnded'));

/** The dialogs that any page may need, loaded when one does. */
export function Dialogs() {
  const conflict = useSyncExternalStore(subscribeConflict, currentConflict);
  const state = useSyncExternalStore(session.subscribe, () => session.state);
  return (
    <Suspense>
      {conflict && <ConflictDialog conflict={conflict} />}
      {state === 'expired' && <SessionEnded />}
    </Suspense>
  );
}

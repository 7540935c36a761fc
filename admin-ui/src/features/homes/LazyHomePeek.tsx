import { useState } from 'react';
import { lazily } from '@/ui/lazily';
import type { PeekProps } from './HomePeek';

const Peek = lazily(() => import('./HomePeek').then((part) => part.HomePeek));

/** A home at a glance; its code is loaded when the first home is looked at, and stays for the drawer to close. */
export function HomePeek(props: PeekProps) {
  const [wanted, setWanted] = useState(false);
  if (props.unitId !== undefined && !wanted) setWanted(true);
  return wanted && <Peek {...props} />;
}

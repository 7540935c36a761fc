import { IconArrowBackUp, IconCheck, IconSend, IconX } from '@tabler/icons-react';
import type { Move } from './moves';

const ICONS = { submit: IconSend, approve: IconCheck, return: IconArrowBackUp, cancel: IconX } as const;

/** The icon of a step, wherever it is offered. */
export function MoveIcon({ move }: { move: Move }) {
  const Icon = ICONS[move];
  return <Icon size={15} stroke={1.8} aria-hidden />;
}

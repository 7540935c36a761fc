import { useMe } from '@/api/queries/me';
import type { Step } from '@/api/queries/contracts';
import type { ContractOut, ContractState, Permission } from '@/api/schema';

export type Move = Step['move'];

interface MoveFacts {
  from: readonly ContractState[];
  to: ContractState;
  permission: Permission;
  /** The move that takes it back. */
  undo?: 'submit' | 'return';
}

/** What leads where: which buttons to show, nothing more. The server decides. */
export const MOVES: Record<Move, MoveFacts> = {
  submit: { from: ['draft'], to: 'submitted', permission: 'contracts.write', undo: 'return' },
  approve: { from: ['submitted'], to: 'approved', permission: 'contracts.approve' },
  return: { from: ['submitted'], to: 'draft', permission: 'contracts.approve', undo: 'submit' },
  cancel: { from: ['draft', 'submitted', 'approved'], to: 'cancelled', permission: 'contracts.cancel' },
};

const ORDER: Move[] = ['cancel', 'return', 'submit', 'approve'];

/** The moves that the role includes; the main one last. */
export function useMoves(): Move[] {
  const allowed = useMe()?.membership?.permissions ?? [];
  return ORDER.filter((move) => allowed.includes(MOVES[move].permission));
}

export const isPossible = (move: Move, { state }: Pick<ContractOut, 'state'>): boolean =>
  MOVES[move].from.includes(state);

/** Whether the role may take a move back. */
export function useUndoOf(): (move: Move) => 'submit' | 'return' | undefined {
  const moves = useMoves();
  return (move) => {
    const undo = MOVES[move].undo;
    return undo && moves.includes(undo) ? undo : undefined;
  };
}

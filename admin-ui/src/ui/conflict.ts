/** The conflict that waits for a decision: one at a time, shown by `ConflictDialog` in the shell. */
export interface Conflict {
  fields: { label: string; mine: string; theirs: string }[];
  /** Why one's own version cannot stand any more; absent when it can. */
  refused?: string;
  /** Writes one's own version over theirs. Theirs is on screen already. */
  keepMine?: () => Promise<void>;
}

let current: Conflict | null = null;
const listeners = new Set<() => void>();

function set(next: Conflict | null): void {
  current = next;
  for (const listener of listeners) listener();
}

export const openConflict = (conflict: Conflict): void => set(conflict);
export const closeConflict = (): void => set(null);
export const currentConflict = (): Conflict | null => current;
export function subscribeConflict(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

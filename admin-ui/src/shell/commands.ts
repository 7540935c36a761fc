import { useEffect, useId, useRef, useSyncExternalStore, type ReactNode } from 'react';

/** Something the palette can do. Pages add theirs with {@link useCommands} for as long as they are shown. */
export interface Command {
  id: string;
  label: string;
  icon?: ReactNode;
  group: 'go' | 'act' | 'selection';
  /** Words that find it besides its label. */
  words?: string;
  /** Its shortcut, shown beside it. */
  keys?: string;
  run: () => void;
}

const byOwner = new Map<string, Command[]>();
const listeners = new Set<() => void>();
let all: Command[] = [];

function publish(): void {
  all = [...byOwner.values()].flat();
  for (const listener of listeners) listener();
}

/** Adds commands while the component is mounted. */
export function useCommands(commands: Command[]): void {
  const owner = useId();
  const latest = useRef(commands);
  const shape = commands.map(({ id, label }) => `${id} ${label}`).join('\n');
  useEffect(() => {
    latest.current = commands;
  });
  useEffect(() => {
    const live = latest.current.map((command) => ({
      ...command,
      // The latest closure: the selection may have changed since.
      run: () => latest.current.find(({ id }) => id === command.id)?.run(),
    }));
    byOwner.set(owner, live);
    publish();
    return () => {
      byOwner.delete(owner);
      publish();
    };
  }, [owner, shape]);
}

export function useAllCommands(): Command[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => all,
  );
}

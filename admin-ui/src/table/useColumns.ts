import { useCallback, useSyncExternalStore } from 'react';
import type { Column } from './types';

const key = (table: string) => `keystead-columns:${table}`;
const listeners = new Set<() => void>();

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The columns that a person chose for a table. Only their ids are kept in the browser. */
export function useColumns<Row>(table: string, all: Column<Row>[]) {
  const stored = useSyncExternalStore(subscribe, () => localStorage.getItem(key(table)));
  const chosen = stored === null ? null : stored.split(',');
  const shown = all.filter((column) => column.fixed || (chosen ? chosen.includes(column.id) : !column.optional));
  const toggle = useCallback(
    (id: string) => {
      const now = new Set(shown.map((column) => column.id));
      if (!now.delete(id)) now.add(id);
      localStorage.setItem(key(table), [...now].join(','));
      for (const listener of listeners) listener();
    },
    [shown, table],
  );
  return { shown, toggle };
}

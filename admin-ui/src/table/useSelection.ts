import { useMemo, useState } from 'react';

/** Rows chosen by id; those that left the list, or to which nothing can be done any more, are chosen no longer. */
export function useSelection<Row>(rows: Row[], rowId: (row: Row) => string, can: (row: Row) => boolean) {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const choices = useMemo(() => rows.filter(can), [rows, can]);
  const selected = useMemo(() => choices.filter((row) => ids.has(rowId(row))), [choices, ids, rowId]);
  // Otherwise a row that comes back would be chosen without anybody having done so.
  if (selected.length < ids.size) setIds(new Set(selected.map(rowId)));
  const toggle = (row: Row) => {
    if (!can(row)) return;
    setIds((before) => {
      const after = new Set(before);
      if (!after.delete(rowId(row))) after.add(rowId(row));
      return after;
    });
  };
  const all = choices.length > 0 && selected.length === choices.length;
  const toggleAll = () => setIds(all ? new Set() : new Set(choices.map(rowId)));
  return { ids, selected, all, toggle, toggleAll, clear: () => setIds(new Set()) };
}

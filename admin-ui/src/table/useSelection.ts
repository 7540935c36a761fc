import { useMemo, useState } from 'react';

/** Rows chosen by id; those that left the list are not counted. */
export function useSelection<Row>(rows: Row[], rowId: (row: Row) => string) {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const selected = useMemo(() => rows.filter((row) => ids.has(rowId(row))), [rows, ids, rowId]);
  const toggle = (row: Row) =>
    setIds((before) => {
      const after = new Set(before);
      if (!after.delete(rowId(row))) after.add(rowId(row));
      return after;
    });
  const toggleAll = () => setIds(selected.length === rows.length ? new Set() : new Set(rows.map(rowId)));
  return { ids, selected, toggle, toggleAll, clear: () => setIds(new Set()) };
}

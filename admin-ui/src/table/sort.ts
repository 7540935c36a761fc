import type { Column } from './types';

export interface Sort {
  column: string;
  down: boolean;
}

/** `price.desc` in the URL. */
export function parseSort(text: unknown): Sort | undefined {
  if (typeof text !== 'string') return undefined;
  const [column, direction] = text.split('.');
  return column ? { column, down: direction === 'desc' } : undefined;
}

export function sortText(sort: Sort | undefined): string | undefined {
  return sort && `${sort.column}.${sort.down ? 'desc' : 'asc'}`;
}

/** The rows by a column's value; text as people order it (`9` before `10`). */
export function sorted<Row>(rows: Row[], columns: Column<Row>[], sort: Sort | undefined): Row[] {
  const by = columns.find((column) => column.id === sort?.column)?.sortBy;
  if (!by || !sort) return rows;
  const order = new Intl.Collator(undefined, { numeric: true });
  const compare = (a: Row, b: Row) => {
    const [x, y] = [by(a), by(b)];
    return typeof x === 'number' && typeof y === 'number' ? x - y : order.compare(String(x), String(y));
  };
  return rows.toSorted((a, b) => (sort.down ? compare(b, a) : compare(a, b)));
}

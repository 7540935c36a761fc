import type { ReactNode } from 'react';

export interface Column<Row> {
  id: string;
  /** The heading, in the reader's language; a column of buttons has none to see. */
  header: string;
  icon?: ReactNode;
  /** A CSS grid track, such as `120px` or `minmax(160px, 2fr)`. */
  width: string;
  render: (row: Row) => ReactNode;
  align?: 'end';
  /** For sorting in the browser, which is offered once every row is loaded. */
  sortBy?: (row: Row) => string | number;
  /** The API sorts by it, however many rows there are. */
  sortedByApi?: boolean;
  /** Its place on the card that a phone shows. */
  phone?: 'title' | 'badge' | 'meta' | 'end';
  /** Not shown until it is chosen. */
  optional?: boolean;
  /** Cannot be taken away. */
  fixed?: boolean;
}

export interface BulkAction<Row> {
  id: string;
  label: string;
  icon?: ReactNode;
  /** A letter that does it while rows are selected. */
  key?: string;
  danger?: boolean;
  /** Whether it can be done to these rows; the server still decides. */
  enabled?: (rows: Row[]) => boolean;
  run: (rows: Row[]) => void | Promise<void>;
}

/** What a table needs of `useInfiniteQuery`. */
export interface RowsQuery<Row> {
  data: { pages: { items: Row[] }[] } | undefined;
  error: Error | null;
  isPending: boolean;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
  refetch: () => unknown;
}

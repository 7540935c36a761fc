import type { InfiniteData } from '@tanstack/react-query';

export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

/** What every keyset-paged list shares: `infiniteQueryOptions({ queryKey, queryFn, ...keyset })`. */
export const keyset = {
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page: { next_cursor?: string | null }) => page.next_cursor ?? undefined,
};

/** All rows that are loaded, in order. */
export function rowsOf<T>(data: InfiniteData<Page<T>, unknown> | undefined): T[] {
  return data?.pages.flatMap((page) => page.items) ?? [];
}

/** Reads every page of a short list (projects, roles, plans …), for selects and look-ups by id. */
export async function everyPage<T>(read: (cursor: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    items.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor);
  return items;
}

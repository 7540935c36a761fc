import { lazy, Suspense } from 'react';
import type { FilterProps } from './FilterChips';

export type { Filter } from './FilterChips';

// Menus and selects need much that rows do not: they come after the first rows.
const FilterChips = lazy(() => import('./FilterChips')) as <Key extends string>(
  props: FilterProps<Key>,
) => React.ReactNode;

/** Filters as chips. Their values are the page's search parameters, so that a view is a link. */
export function Filters<Key extends string>(props: FilterProps<Key>) {
  return (
    <Suspense>
      <FilterChips {...props} />
    </Suspense>
  );
}

import { lazy, Suspense } from 'react';
import type { SavedViewsProps } from './SavedViewsMenu';

const SavedViewsMenu = lazy(() => import('./SavedViewsMenu'));

/** Filters and sorting under a name, for oneself in this browser. */
export function SavedViews(props: SavedViewsProps) {
  return (
    <Suspense>
      <SavedViewsMenu {...props} />
    </Suspense>
  );
}

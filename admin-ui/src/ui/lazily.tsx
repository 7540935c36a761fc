import { lazy, Suspense, type ComponentType, type ReactNode } from 'react';

/**
 * A part of a page that comes after it: a dialog, a tab, a step. Its code is loaded when it is first shown, and nothing else
 * of the page waits for it.
 */
export function lazily<P extends object>(load: () => Promise<ComponentType<P>>): (props: P) => ReactNode {
  const Part = lazy(async () => ({ default: await load() }));
  return function Later(props: P) {
    return (
      <Suspense>
        <Part {...props} />
      </Suspense>
    );
  };
}

import { lazy, Suspense, type ComponentType, type ReactNode } from 'react';

/**
 * A part of a page that comes after it: a dialog, a tab, a step. Its code is loaded when it is first shown, and nothing else
 * of the page waits for it. What stands in the page meanwhile has the part's height.
 */
export function lazily<P extends object>(
  load: () => Promise<ComponentType<P>>,
  meanwhile?: ReactNode,
): (props: P) => ReactNode {
  const Part = lazy(async () => ({ default: await load() }));
  return function Later(props: P) {
    return (
      <Suspense fallback={meanwhile}>
        <Part {...props} />
      </Suspense>
    );
  };
}

import { useSyncExternalStore } from 'react';
import { useMe } from '@/api/queries/me';

/** What the URL of a list says. Never names, addresses or numbers of people: those are not in URLs. */
export type Search = Record<string, string | number | boolean | undefined>;

export interface View {
  name: string;
  search: Search;
}

const listeners = new Set<() => void>();

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function read(text: string | null): View[] {
  try {
    const stored: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(stored)
      ? stored.filter((view): view is View => typeof view?.name === 'string' && typeof view.search === 'object')
      : [];
  } catch {
    return [];
  }
}

/** The views of a list, kept per member in this browser: the API has no place for them. */
export function useViews(list: string) {
  const owner = useMe()?.membership?.member_id ?? 'operator';
  const key = `keystead-views:${owner}:${list}`;
  const text = useSyncExternalStore(subscribe, () => localStorage.getItem(key));
  const views = read(text);
  const write = (next: View[]) => {
    localStorage.setItem(key, JSON.stringify(next));
    for (const listener of listeners) listener();
  };
  return {
    views,
    save: (view: View) => write([...views.filter(({ name }) => name !== view.name), view]),
    remove: (name: string) => write(views.filter((view) => view.name !== name)),
  };
}

/** Whether two searches show the same rows. */
export function same(a: Search, b: Search): boolean {
  const text = (search: Search) =>
    JSON.stringify(
      Object.entries(search)
        .filter(([, value]) => value !== undefined)
        .toSorted(),
    );
  return text(a) === text(b);
}

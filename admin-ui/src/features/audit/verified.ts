import { useSyncExternalStore } from 'react';
import { useMe } from '@/api/queries/me';
import type { Head } from './verify';

/** The link that was verified last, and when. Nothing of anybody: a number, a hash, a time. */
export interface Verified extends Head {
  at: string;
}

const listeners = new Set<() => void>();

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function read(text: string | null): Verified | null {
  try {
    const stored = JSON.parse(text ?? 'null') as Partial<Verified> | null;
    return typeof stored?.n === 'number' && typeof stored.hash === 'string' && typeof stored.at === 'string'
      ? (stored as Verified)
      : null;
  } catch {
    return null;
  }
}

/** What this browser verified of the tenant's chain: later exports have to contain it. */
export function useVerified(): [Verified | null, (verified: Verified) => void] {
  const key = `keystead-verified:${useMe()?.membership?.tenant_id ?? ''}`;
  const text = useSyncExternalStore(subscribe, () => localStorage.getItem(key));
  const keep = (verified: Verified) => {
    localStorage.setItem(key, JSON.stringify(verified));
    for (const listener of listeners) listener();
  };
  return [read(text), keep];
}

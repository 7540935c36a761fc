import { useSyncExternalStore } from 'react';
import { useMe } from '@/api/queries/me';
import type { Head } from './verify';

/** The link that was verified last, and when. Nothing of anybody: a number, a hash, a time, and public keys. */
export interface Verified extends Head {
  at: string;
  /** How far the chain was signed then. */
  signed: number | null;
  /** The keys that this browser trusts, the present one last; those before it signed what is older. */
  keys: string[];
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
      ? // What was verified before there were signatures has none.
        ({ signed: null, keys: [], ...stored } as Verified)
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

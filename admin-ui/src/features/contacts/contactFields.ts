import type { AddressIn, ContactPatch } from '@/api/schema';

/** What the form of a contact holds; empty texts stand for nothing. */
export interface ContactFields extends Record<string, unknown> {
  name: string;
  email: string;
  phone: string;
  date_of_birth: string;
  line1: string;
  line2: string;
  city: string;
  region: string;
  postal_code: string;
  country: string;
}

export const EMPTY: ContactFields = {
  name: '',
  email: '',
  phone: '',
  date_of_birth: '',
  line1: '',
  line2: '',
  city: '',
  region: '',
  postal_code: '',
  country: '',
};

const ADDRESS = ['line1', 'line2', 'city', 'region', 'postal_code', 'country'] as const;

/** Where the server's pointers point to in the form. */
export const PATHS = Object.fromEntries(ADDRESS.map((part) => [`address.${part}`, part]));

/** What was typed: fields that are empty are not named, so that a change leaves them as they are. */
export function patchOf(fields: ContactFields): ContactPatch {
  const patch: ContactPatch = {};
  for (const field of ['name', 'email', 'phone', 'date_of_birth'] as const)
    if (fields[field].trim()) patch[field] = fields[field].trim();
  const address = addressOf(fields);
  return address ? { ...patch, address } : patch;
}

function addressOf(fields: ContactFields): AddressIn | null {
  const parts = ADDRESS.filter((part) => fields[part].trim() !== '').map((part) => [part, fields[part].trim()]);
  return parts.length === 0 ? null : Object.fromEntries(parts);
}

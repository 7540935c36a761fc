import type { EventOut } from '@/api/schema';

export interface Change {
  field: string;
  before: unknown;
  after: unknown;
}

/** Counted by the database for itself. */
const OURS = new Set(['row_version', 'id']);
const SEALED = 'sealed:';

const isEmpty = (value: unknown) => value === null || value === undefined;

/** What an event changed, field by field; of something new only what it was given. */
export function changesOf({ before, after }: Pick<EventOut, 'before' | 'after'>): Change[] {
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].toSorted();
  return fields
    .map((field) => ({ field, before: before?.[field], after: after?.[field] }))
    .filter((change) => !OURS.has(change.field) && !(isEmpty(change.before) && isEmpty(change.after)));
}

/** The fingerprint of a sealed value, or null for what is in the clear. */
export function fingerprintOf(value: unknown): string | null {
  return typeof value === 'string' && value.startsWith(SEALED) ? value.slice(SEALED.length) : null;
}

/** A moment as the trail writes it: RFC 3339 with a zone. */
export const isMoment = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)$/.test(value);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The member's id of a plain UUID in a field such as `approved_by`. */
export function memberIdOf(field: string, value: unknown): string | null {
  const names = field.endsWith('_by') || field === 'member_id' || field === 'actor_id';
  return names && typeof value === 'string' && UUID.test(value) ? `mem_${value.replaceAll('-', '')}` : null;
}

export const isUuid = (value: unknown): value is string => typeof value === 'string' && UUID.test(value);

/** An amount in a field such as `price_minor`, with the currency of the same image. */
export function amountOf({ field, before, after }: Change, event: EventOut, value: unknown) {
  if (!field.endsWith('_minor') || typeof value !== 'number') return null;
  const currency = event.after?.['currency'] ?? event.before?.['currency'];
  return typeof currency === 'string' && before !== after ? { amount_minor: value, currency } : null;
}

import type { Money } from '@/api/schema';

/** Money at a glance: `$12.4M`. */
export function formatMoneyShort({ amount_minor, currency }: Money, locale: string): string {
  const options = { style: 'currency', currency, notation: 'compact', maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(locale, options).format(toMajor(amount_minor, currency));
}

/** The month of a calendar date. */
export function formatMonth(date: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { month: 'long', timeZone: 'UTC' }).format(new Date(`${date}T00:00:00Z`));
}

/** Digits after the point of a currency (ISO 4217), as the browser knows them. */
export function fractionDigits(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** Money as people write it; cents only where there are some. */
export function formatMoney({ amount_minor, currency }: Money, locale: string): string {
  const digits = fractionDigits(currency);
  const whole = amount_minor % 10 ** digits === 0;
  const options = { style: 'currency', currency, minimumFractionDigits: whole ? 0 : digits } as const;
  return new Intl.NumberFormat(locale, options).format(amount_minor / 10 ** digits);
}

/** Minor units of what was typed as major ones: `650000.5` → 65000050. */
export function toMinor(major: number, currency: string): number {
  return Math.round(major * 10 ** fractionDigits(currency));
}

export function toMajor(amountMinor: number, currency: string): number {
  return amountMinor / 10 ** fractionDigits(currency);
}

export type DateStyle = 'date' | 'time' | 'datetime' | 'full';

const STYLES: Record<DateStyle, Intl.DateTimeFormatOptions> = {
  date: { dateStyle: 'medium' },
  time: { timeStyle: 'short' },
  datetime: { dateStyle: 'medium', timeStyle: 'short' },
  full: { dateStyle: 'full', timeStyle: 'long' },
};

/** A moment in the reader's zone, or in the project's where the rule is the project's. */
export function formatInstant(instant: string, locale: string, style: DateStyle, timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, { ...STYLES[style], ...(timeZone ? { timeZone } : {}) }).format(
    new Date(instant),
  );
}

/** A calendar date (`YYYY-MM-DD`), which has no zone. */
export function formatDate(date: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' }).format(
    new Date(`${date}T00:00:00Z`),
  );
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** `3 hours ago`, `in 2 days`. */
export function formatRelative(instant: string, locale: string, now: number): string {
  const seconds = (Date.parse(instant) - now) / 1000;
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1];
  return relative.format(Math.trunc(seconds / size), unit);
}

export function formatBytes(bytes: number, locale: string): string {
  const [unit, size] = bytes >= 1e6 ? (['megabyte', 1e6] as const) : (['kilobyte', 1e3] as const);
  const options = { style: 'unit', unit, maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(locale, options).format(bytes / size);
}

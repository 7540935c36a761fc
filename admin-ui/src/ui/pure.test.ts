import { expect, it } from 'vitest';
import { placeOf } from '@/auth/site';
import { slugOf } from '@/features/signup/slug';
import { formatDate, formatMoney, formatRelative, toMinor } from '@/format/values';
import { en } from '@/i18n/en';
import { es } from '@/i18n/es';
import { parseSort, sorted, sortText } from '@/table/sort';
import { changed } from './changed';
import { pathOf } from './formProblems';

it('writes money as its currency and reader want it', () => {
  expect(formatMoney({ amount_minor: 65000000, currency: 'USD' }, 'en-US')).toBe('$650,000');
  expect(formatMoney({ amount_minor: 65000050, currency: 'USD' }, 'en-US')).toBe('$650,000.50');
  expect(formatMoney({ amount_minor: 1234, currency: 'JPY' }, 'en-US')).toBe('¥1,234');
  expect(formatMoney({ amount_minor: 150000, currency: 'EUR' }, 'es-ES')).toMatch(/^1500\s€$/);
  expect(toMinor(0.29, 'USD')).toBe(29);
  expect(toMinor(1234, 'JPY')).toBe(1234);
});

it('keeps calendar dates on their day and says how long ago', () => {
  expect(formatDate('1990-01-01', 'en-US')).toBe('Jan 1, 1990');
  expect(formatRelative('2026-01-01T00:00:00Z', 'en', Date.parse('2026-01-01T03:00:00Z'))).toBe('3 hr. ago');
});

it('tells the three places apart by host', () => {
  expect(placeOf('acme.localhost', 'localhost')).toMatchObject({ site: 'workspace', slug: 'acme' });
  expect(placeOf('console.localhost', 'localhost').site).toBe('console');
  expect(placeOf('localhost', 'localhost').site).toBe('public');
  expect(placeOf('sales.acme.example', 'keystead.example')).toMatchObject({ site: 'workspace', slug: null });
});

it('makes an address of a name', () => {
  expect(slugOf('Peña & Sons Homes ')).toBe('pena-sons-homes');
  expect(slugOf('21 Oak')).toBe('oak');
});

it('reads JSON pointers, and patches only what changed', () => {
  expect(pathOf('/buyers/0/na~1me')).toBe('buyers.0.na/me');
  expect(changed({ a: 1, b: 2 }, { a: 1, b: 3 })).toEqual({ b: 3 });
});

it('sorts as people do', () => {
  const column = [{ id: 'n', header: 'N', width: '1fr', render: () => null, sortBy: (row: { n: string }) => row.n }];
  const rows = [{ n: '10' }, { n: '9' }];
  expect(sorted(rows, column, parseSort('n.asc')).map(({ n }) => n)).toEqual(['9', '10']);
  expect(sorted(rows, column, parseSort('n.desc')).map(({ n }) => n)).toEqual(['10', '9']);
  expect(sortText(parseSort('n.desc'))).toBe('n.desc');
});

it('has the same placeholders in both languages', () => {
  const flat = (words: object, path = ''): [string, string][] =>
    Object.entries(words).flatMap(([key, value]) =>
      typeof value === 'string' ? [[`${path}${key}`, value]] : flat(value, `${path}${key}.`),
    );
  const names = (text: string) =>
    [...text.matchAll(/(?<!(?:=\d+|zero|one|two|few|many|other) )\{(\w+)[,}]/g)].map((match) => match[1]).toSorted();
  const spanish = new Map(flat(es));
  for (const [key, text] of flat(en)) expect([key, names(spanish.get(key) ?? '')]).toEqual([key, names(text)]);
});

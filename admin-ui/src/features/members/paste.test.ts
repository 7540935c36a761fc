import { expect, it } from 'vitest';
import { readPeople } from './paste';

const people = (text: string) => readPeople(text).people.map(({ name, email, role }) => [name, email, role]);

it('reads names with addresses, as mail programs write them', () => {
  expect(people('Ada Byron <ada@acme.com>\n"Byron, Ada" <a.byron@acme.com>')).toEqual([
    ['Ada Byron', 'ada@acme.com', ''],
    ['Byron, Ada', 'a.byron@acme.com', ''],
  ]);
});

it('reads several addresses on a line', () => {
  expect(people('Ada Byron <ada@acme.com>; grace@acme.com, Alan <alan@acme.com>')).toEqual([
    ['Ada Byron', 'ada@acme.com', ''],
    ['', 'grace@acme.com', ''],
    ['Alan', 'alan@acme.com', ''],
  ]);
});

it('reads CSV with commas, semicolons or tabs, and skips its heading', () => {
  expect(
    people('name,email,role\n"Turing, Alan",alan@acme.com,sales_agent\nGrace;Hopper;grace@acme.com;viewer'),
  ).toEqual([
    ['Turing, Alan', 'alan@acme.com', 'sales_agent'],
    ['Grace Hopper', 'grace@acme.com', 'viewer'],
  ]);
  expect(people('Ada\tada@acme.com\tviewer')).toEqual([['Ada', 'ada@acme.com', 'viewer']]);
});

it('says which lines it cannot use', () => {
  expect(readPeople('ada@acme.com\n\nnobody\nADA@acme.com').bad).toEqual([
    { line: 3, why: 'no_address' },
    { line: 4, why: 'twice' },
  ]);
});

import { renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { IntlProvider } from 'use-intl';
import { expect, it } from 'vitest';
import type { FieldProblem } from '@/api/problem';
import { messagesOf, type Language } from '@/i18n/language';
import { useFieldWords } from './problemWords';

async function wordsIn(language: Language): Promise<(why: FieldProblem) => string> {
  const messages = await messagesOf(language);
  const wrapper = ({ children }: { children: ReactNode }) => (
    <IntlProvider locale={language} messages={messages}>
      {children}
    </IntlProvider>
  );
  return renderHook(() => useFieldWords(), { wrapper }).result.current;
}

/** All that the API has. */
const CODES = [
  'missing',
  'malformed',
  'empty',
  'too_long',
  'out_of_range',
  'unknown',
  'not_matching',
  'contradicts',
  'not_allowed',
  'weak',
  'taken',
  'unchanged',
  'too_many',
];

const why = (code?: string): FieldProblem => ({
  pointer: '/name',
  message: 'must have at most 200 characters',
  ...(code ? { code } : {}),
});

it('says in English what the server says, whatever the code', async () => {
  const words = await wordsIn('en');
  for (const code of [...CODES, 'of_tomorrow', undefined])
    expect(words(why(code))).toBe('must have at most 200 characters');
});

it('has one sentence per code in Spanish', async () => {
  const words = await wordsIn('es');
  const said = CODES.map((code) => words(why(code)));
  expect(said).not.toContain(why().message);
  expect(new Set(said).size).toBe(CODES.length);
  expect(words(why('too_long'))).toBe('Es demasiado largo.');
});

it('takes a code that it does not know for something malformed, and none for the server to speak', async () => {
  const words = await wordsIn('es');
  expect(words(why('of_tomorrow'))).toBe('El formato no es válido.');
  expect(words(why())).toBe('must have at most 200 characters');
});

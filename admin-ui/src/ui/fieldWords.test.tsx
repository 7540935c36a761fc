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

const MESSAGE = 'must have at most 200 characters';
const why = (code: string): FieldProblem => ({ pointer: '/name', message: MESSAGE, code });

it('says in English what the server says, whatever the code', async () => {
  const words = await wordsIn('en');
  for (const code of [...CODES, 'of_tomorrow']) expect(words(why(code))).toBe(MESSAGE);
});

it('has one sentence per code in Spanish', async () => {
  const words = await wordsIn('es');
  const said = CODES.map((code) => words(why(code)));
  expect(said).not.toContain(MESSAGE);
  expect(new Set(said).size).toBe(CODES.length);
  expect(words(why('too_long'))).toBe('Es demasiado largo.');
});

it('takes a code that it does not know for something malformed', async () => {
  const words = await wordsIn('es');
  expect(words(why('of_tomorrow'))).toBe('El formato no es válido.');
});

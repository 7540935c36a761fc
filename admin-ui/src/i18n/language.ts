import { useSyncExternalStore } from 'react';
import type { Messages } from './messages';

export const LANGUAGES = { en: 'English', es: 'Español' } as const;
export type Language = keyof typeof LANGUAGES;

const KEY = 'keystead-language';
const listeners = new Set<() => void>();

export function isLanguage(value: string | null | undefined): value is Language {
  return value !== null && value !== undefined && value in LANGUAGES;
}

/** What the person chose, else the first of the browser's languages that we speak, else English. */
export function chosenLanguage(): Language {
  const chosen = localStorage.getItem(KEY);
  if (isLanguage(chosen)) return chosen;
  return navigator.languages.map((tag) => tag.split('-')[0]).find(isLanguage) ?? 'en';
}

export function chooseLanguage(language: Language): void {
  localStorage.setItem(KEY, language);
  document.documentElement.lang = language;
  for (const listener of listeners) listener();
}

export function useLanguage(): Language {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, chosenLanguage);
}

const loaded = new Map<Language, Promise<Messages>>();

/** The words, as one promise per language: `use` needs the same one at each render. Each language is a chunk of its own. */
export function messagesOf(language: Language): Promise<Messages> {
  const known = loaded.get(language) ?? load(language);
  loaded.set(language, known);
  return known;
}

async function load(language: Language): Promise<Messages> {
  const words = language === 'es' ? (await import('./es')).es : (await import('./en')).en;
  document.documentElement.lang = language;
  // The keys are the same, which the types of each file see to.
  return words as Messages;
}

/** The tag for numbers and dates: what the person chose, else the browser's, when it is of the language, for its region. */
export function localeOf(language: Language, chosen?: string | null): string {
  const known = chosen ? [chosen, ...navigator.languages] : navigator.languages;
  return known.find((tag) => tag.split('-')[0] === language) ?? language;
}

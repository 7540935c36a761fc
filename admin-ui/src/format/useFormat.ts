import { useMemo } from 'react';
import type { Money } from '@/api/schema';
import { localeOf, useLanguage } from '@/i18n/language';
import { formatBytes, formatDate, formatInstant, formatMoney, formatRelative, type DateStyle } from './values';

/** The formatters of `values.ts` in the reader's locale, for attributes and sentences; screens use the components. */
export function useFormat() {
  const language = useLanguage();
  return useMemo(() => {
    const locale = localeOf(language);
    return {
      locale,
      money: (money: Money) => formatMoney(money, locale),
      instant: (at: string, style: DateStyle = 'datetime', timeZone?: string) =>
        formatInstant(at, locale, style, timeZone),
      date: (date: string) => formatDate(date, locale),
      relative: (at: string) => formatRelative(at, locale, Date.now()),
      bytes: (bytes: number) => formatBytes(bytes, locale),
      number: (value: number) => new Intl.NumberFormat(locale).format(value),
    };
  }, [language]);
}

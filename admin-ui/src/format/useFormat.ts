import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { meOptions } from '@/api/queries/me';
import type { Money } from '@/api/schema';
import { localeOf, useLanguage } from '@/i18n/language';
import {
  formatBytes,
  formatDate,
  formatInstant,
  formatMonth,
  formatMoney,
  formatMoneyShort,
  formatRelative,
  type DateStyle,
} from './values';

/** The formatters of `values.ts` in the reader's locale, for attributes and sentences; screens use the components. */
export function useFormat() {
  const language = useLanguage();
  // What is known of the reader; a public page does not ask.
  const me = useQuery({ ...meOptions, enabled: false }).data?.data;
  const { locale: chosen, time_zone: zone } = me ?? {};
  return useMemo(() => {
    const locale = localeOf(language, chosen);
    const own = zone ?? undefined;
    return {
      locale,
      money: (money: Money) => formatMoney(money, locale),
      instant: (at: string, style: DateStyle = 'datetime', timeZone?: string) =>
        formatInstant(at, locale, style, timeZone ?? own),
      month: (day: string) => formatMonth(day, locale),
      compactMoney: (money: Money) => formatMoneyShort(money, locale),
      date: (date: string) => formatDate(date, locale),
      relative: (at: string) => formatRelative(at, locale, Date.now()),
      bytes: (bytes: number) => formatBytes(bytes, locale),
      number: (value: number) => new Intl.NumberFormat(locale).format(value),
    };
  }, [language, chosen, zone]);
}

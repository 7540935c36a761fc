import { useTranslations } from 'use-intl';
import type { Messages } from '@/i18n/messages';

type Known = keyof Messages['platform']['events'];
type KnownDetail = keyof Messages['platform']['details'];

/** What happened, in words; an event that is not known as the API calls it. */
export function useEventWord(): (action: string) => string {
  const t = useTranslations('platform.events');
  return (action) => {
    const key = action.replaceAll('.', '_');
    return t.has(key as Known) ? t(key as Known) : action.replaceAll('_', ' ').replace('.', ' · ');
  };
}

/** What an event of the platform says, on a line: `Reason: unpaid · Address: acme`. */
export function useDetailText(): (detail: unknown) => string {
  const t = useTranslations('platform.details');
  const nameOf = (name: string) => (t.has(name as KnownDetail) ? t(name as KnownDetail) : name.replaceAll('_', ' '));
  return (detail) => {
    if (detail === null || detail === undefined) return '';
    if (typeof detail !== 'object') return String(detail as string | number | boolean);
    return Object.entries(detail)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]) => `${nameOf(name)}: ${shown(value)}`)
      .join(' · ');
  };
}

/** Ids are told apart by their ends. */
function shown(value: unknown): string {
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value as string | number).replace(/^[a-z]{3}_\w{20,}(?=\w{6}$)/, '…');
}

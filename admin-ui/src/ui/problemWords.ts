import { useTranslations } from 'use-intl';
import { ApiProblem } from '@/api/problem';

/** A title and an advice for any error, in the reader's language where we know the kind, else in the server's words. */
export function useProblemWords() {
  const t = useTranslations('problems');
  return (error: unknown): { title: string; advice: string } => {
    if (!(error instanceof ApiProblem)) return { title: t('unexpected.title'), advice: t('unexpected.advice') };
    const key = keyOf(error);
    if (key) return { title: t(`${key}.title`), advice: t(`${key}.advice`) };
    const first = error.fields[0];
    return {
      title: error.title || t('unexpected.title'),
      advice: error.detail ?? first?.message ?? t('unexpected.advice'),
    };
  };
}

const BY_KIND = {
  offline: 'offline',
  'unit-under-contract': 'under_contract',
  'session-ended': 'session',
} as const;

function keyOf({ kind, status }: ApiProblem) {
  if (kind in BY_KIND) return BY_KIND[kind as keyof typeof BY_KIND];
  if (status === 401) return 'session';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'missing';
  if (status === 412) return 'changed';
  if (status === 429) return 'too_many';
  if (status === 503) return 'away';
  if (status >= 500) return 'fault';
  return null;
}

import { useTranslations } from 'use-intl';
import { ApiProblem, type FieldProblem } from '@/api/problem';
import type { Messages } from '@/i18n/messages';

type Kind = keyof Messages['problems']['kinds'];
type Code = keyof Messages['problems']['fields'];

/** Why a field was refused: in the reader's language by its code, in English in the server's words. */
export function useFieldWords() {
  const t = useTranslations('problems.fields');
  return ({ code, message }: FieldProblem): string => t(t.has(code as Code) ? (code as Code) : 'malformed') || message;
}

/** A title and an advice for any error, in the reader's language where we know the kind, else in the server's words. */
export function useProblemWords() {
  const t = useTranslations('problems');
  const kinds = useTranslations('problems.kinds');
  const fieldWords = useFieldWords();
  return (error: unknown): { title: string; advice: string } => {
    if (!(error instanceof ApiProblem)) return { title: t('unexpected.title'), advice: t('unexpected.advice') };
    const kind = error.kind.replaceAll('-', '_') as Kind;
    const first = error.fields[0] && fieldWords(error.fields[0]);
    if (kinds.has(`${kind}.title`)) return { title: kinds(`${kind}.title`), advice: first ?? kinds(`${kind}.advice`) };
    const key = keyOf(error);
    if (key) return { title: t(`${key}.title`), advice: t(`${key}.advice`) };
    return { title: error.title || t('unexpected.title'), advice: error.detail ?? first ?? t('unexpected.advice') };
  };
}

function keyOf({ kind, status }: ApiProblem) {
  if (kind === 'offline') return 'offline';
  if (status === 401) return 'session';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'missing';
  if (status === 412) return 'changed';
  if (status === 429) return 'too_many';
  if (status === 503) return 'away';
  if (status >= 500) return 'fault';
  return null;
}

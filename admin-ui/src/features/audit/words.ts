import { useTranslations } from 'use-intl';
import type { ActorOut } from '@/api/schema';
import type { Messages } from '@/i18n/messages';

type Kinds = Messages['audit']['kinds'];
type Verbs = Messages['audit']['verbs'];
type Fields = Messages['audit']['fields'];

/** The kinds that the trail is filtered by; the database names more that nobody looks for. */
export const KINDS = [
  'contract',
  'contact',
  'reveal',
  'unit',
  'project',
  'phase',
  'building',
  'plan',
  'elevation',
  'file',
  'import',
  'member',
  'assignment',
  'invitation',
  'role',
  'settings',
] as const satisfies readonly (keyof Kinds)[];

const plain = (word: string) => word.replaceAll('_', ' ');

/** What happened, in the reader's words; unknown actions as the trail says them. */
export function useAuditWords() {
  const t = useTranslations('audit');
  const kind = (key: string) => (t.has(`kinds.${key as keyof Kinds}`) ? t(`kinds.${key as keyof Kinds}`) : plain(key));
  const verb = (key: string) => (t.has(`verbs.${key as keyof Verbs}`) ? t(`verbs.${key as keyof Verbs}`) : plain(key));
  return {
    kind,
    /** `contract.approved` → `Contract approved`. */
    action: (action: string) => {
      const dot = action.lastIndexOf('.');
      return dot < 0 ? plain(action) : `${kind(action.slice(0, dot))} ${verb(action.slice(dot + 1))}`;
    },
    actor: ({ kind, name }: ActorOut) => {
      if (name) return name;
      const known = (['provisioning', 'invitation', 'offboarding', 'member'] as const).find((known) => known === kind);
      return t(`actors.${known ?? 'platform'}`);
    },
  };
}

/** How a field is called that an event changed; one that is not known as the API calls it. */
export function useFieldWord(): (field: string) => string {
  const t = useTranslations('audit.fields');
  return (field) => {
    const key = field.replace(/_(minor|id)$/, '') as keyof Fields;
    return t.has(key) ? t(key) : plain(key);
  };
}

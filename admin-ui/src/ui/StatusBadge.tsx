import { useTranslations } from 'use-intl';
import type { Messages } from '@/i18n/messages';
import classes from './badge.module.css';

export type Tone = 'grey' | 'green' | 'blue' | 'violet' | 'amber' | 'red' | 'teal';
type Known = keyof Messages['common']['status'];

/** One colour for one meaning, everywhere: green is free or good, amber waits for somebody, violet is sold. */
const TONES: Record<Known, Tone> = {
  available: 'green',
  unreleased: 'grey',
  not_for_sale: 'grey',
  offer: 'blue',
  pending_signature: 'amber',
  held: 'amber',
  reserved: 'teal',
  sold: 'violet',
  closed: 'violet',
  draft: 'grey',
  submitted: 'amber',
  approved: 'green',
  cancelled: 'red',
  active: 'green',
  archived: 'grey',
  suspended: 'red',
  removed: 'grey',
  open: 'blue',
  accepted: 'green',
  revoked: 'grey',
  expired: 'grey',
  unverified: 'grey',
  verified: 'amber',
  rejected: 'red',
  provisioning: 'blue',
  offboarded: 'red',
  offboarding: 'red',
  quarantined: 'amber',
  ready: 'green',
  running: 'blue',
  finished: 'green',
  failed: 'red',
  released: 'green',
  damaged: 'red',
  erased: 'grey',
  checked: 'grey',
  planned: 'blue',
};

export function toneOf(status: string): Tone {
  return status in TONES ? TONES[status as Known] : 'grey';
}

/** The status' word in the reader's language; an unknown one as the server says it. */
export function useStatusWord() {
  const t = useTranslations('common.status');
  return (status: string) => (status in TONES ? t(status as Known) : status.replaceAll('_', ' '));
}

/** A status as a dot and a word. */
export function StatusBadge({ status, tone }: { status: string; tone?: Tone }) {
  const word = useStatusWord();
  return (
    <span className={classes.badge} data-tone={tone ?? toneOf(status)}>
      <span className={classes.dot} aria-hidden />
      {word(status)}
    </span>
  );
}

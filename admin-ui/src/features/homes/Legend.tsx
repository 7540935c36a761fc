import { useTranslations } from 'use-intl';
import type { Status } from '@/api/schema';
import { useFormat } from '@/format/useFormat';
import { toneOf, useStatusWord } from '@/ui/StatusBadge';
import classes from './board.module.css';
import { STATUSES, type Tally } from './tally';

interface Props {
  counts: Tally;
  only: Status | undefined;
  onOnly: (status: Status | undefined) => void;
}

/** What the colours mean, how many there are, and a way to look at one of them. */
export function Legend({ counts, only, onOnly }: Props) {
  const t = useTranslations('homes.board');
  const word = useStatusWord();
  const format = useFormat();
  return (
    <div className={classes.legend} role="group" aria-label={t('legend')}>
      {STATUSES.filter((status) => counts.by[status] > 0 || status === only).map((status) => (
        <button
          key={status}
          type="button"
          className={classes.key}
          data-tone={toneOf(status)}
          data-zero={counts.by[status] === 0 || undefined}
          aria-pressed={status === only}
          onClick={() => onOnly(status === only ? undefined : status)}
        >
          {word(status)} <b>{format.number(counts.by[status])}</b>
        </button>
      ))}
    </div>
  );
}

import { IconCheck, IconX } from '@tabler/icons-react';
import { useTranslations } from 'use-intl';
import type { ContractOut } from '@/api/schema';
import { useStatusWord } from '@/ui/StatusBadge';
import { isPossible, useMoves } from './moves';
import classes from './contracts.module.css';

const LIFE = ['draft', 'submitted', 'approved'] as const;

/** How far the contract is, and what it waits for. */
export function Stages({ contract }: { contract: ContractOut }) {
  const t = useTranslations('contracts');
  const word = useStatusWord();
  const { state } = contract;
  const cancelled = state === 'cancelled';
  const reached = cancelled ? reachedBefore(contract) : LIFE.indexOf(state);
  const shown = cancelled ? [...LIFE.slice(0, reached + 1), 'cancelled' as const] : LIFE;
  return (
    <div className={classes.stages}>
      <ol aria-label={t('stages.label')}>
        {shown.map((stage, index) => {
          const current = stage === state;
          const done = !current && index <= reached;
          return (
            <li
              key={stage}
              data-done={done || undefined}
              data-current={current || undefined}
              data-bad={stage === 'cancelled' || undefined}
              aria-current={current ? 'step' : undefined}
            >
              <span className={classes.mark} aria-hidden>
                {stage === 'cancelled' ? <IconX size={11} stroke={3} /> : done && <IconCheck size={11} stroke={3} />}
              </span>
              {word(stage)}
              {done && <span className="visually-hidden">({t('stages.done')})</span>}
            </li>
          );
        })}
      </ol>
      <p className={classes.next}>
        <Next contract={contract} />
      </p>
    </div>
  );
}

function Next({ contract }: { contract: ContractOut }) {
  const t = useTranslations('contracts.next');
  const moves = useMoves().filter((move) => move !== 'cancel' && isPossible(move, contract));
  const { state } = contract;
  if (state === 'draft' || state === 'submitted') return t(moves.length > 0 ? state : `${state}_reader`);
  return t(state);
}

function reachedBefore({ approved_at, submitted_at }: ContractOut): number {
  return approved_at ? 2 : submitted_at ? 1 : 0;
}

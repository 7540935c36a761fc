import { useTranslations } from 'use-intl';
import type { ContractState } from '@/api/schema';
import { STATES } from './states';
import classes from './contracts.module.css';

interface Props {
  state: ContractState | undefined;
  onPick: (state: ContractState | undefined) => void;
}

/** The views that everybody needs, a click away. */
export function StateTabs({ state, onPick }: Props) {
  const t = useTranslations('contracts.states');
  return (
    <div className={classes.states} role="group" aria-label={t('label')}>
      {[undefined, ...STATES].map((value) => (
        <button key={value ?? 'all'} type="button" aria-pressed={state === value} onClick={() => onPick(value)}>
          {t(value ?? 'all')}
        </button>
      ))}
    </div>
  );
}

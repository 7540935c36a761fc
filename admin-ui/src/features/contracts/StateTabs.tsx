import { useTranslations } from 'use-intl';
import type { ContractState } from '@/api/schema';
import { SegmentTabs } from '@/ui/SegmentTabs';
import { STATES } from './states';

interface Props {
  state: ContractState | undefined;
  onPick: (state: ContractState | undefined) => void;
}

/** Contracts by where they stand. */
export function StateTabs({ state, onPick }: Props) {
  const t = useTranslations('contracts.states');
  return (
    <SegmentTabs
      label={t('label')}
      options={(['all', ...STATES] as const).map((value) => ({ value, label: t(value) }))}
      value={state ?? 'all'}
      onPick={(value) => onPick(value === 'all' ? undefined : value)}
    />
  );
}

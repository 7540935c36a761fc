import { useTranslations } from 'use-intl';
import type { Layout } from '@/features/projects/useLayout';
import { Filters, type Filter } from '@/table/Filters';
import { SavedViews } from '@/table/SavedViews';
import { useStatusWord } from '@/ui/StatusBadge';
import type { HomesSearch } from './HomesPage';
import { STATUSES } from './tally';

type Key = 'status' | 'phase' | 'building' | 'plan' | 'number';

interface Props {
  search: HomesSearch;
  layout: Layout;
  projectId: string | undefined;
  /** A board has its legend for the status, and no views. */
  board: boolean;
  onChange: (change: Partial<HomesSearch>) => void;
}

export function HomeFilters({ search, layout, projectId, board, onChange }: Props) {
  const t = useTranslations('homes.field');
  const word = useStatusWord();
  const status: Filter<Key> = {
    key: 'status',
    label: t('status'),
    options: STATUSES.map((value) => ({ value, label: word(value) })),
  };
  const inProject: Filter<Key>[] = projectId
    ? [
        { key: 'building', label: t('building_id'), options: options(layout.buildings) },
        { key: 'phase', label: t('phase_id'), options: options(layout.phases) },
        { key: 'plan', label: t('plan_id'), options: options(layout.plans) },
      ]
    : [];
  const filters = board ? inProject : [status, ...inProject, { key: 'number' as const, label: t('number') }];
  const cleared = { status: undefined, phase: undefined, building: undefined, plan: undefined, number: undefined };
  const { peek: _, ...shown } = search;
  return (
    <Filters
      filters={filters}
      values={search}
      onChange={(key, value) => onChange({ [key]: value })}
      onClear={() => onChange(cleared)}
    >
      {!board && (
        <SavedViews
          list="homes"
          search={{ ...shown }}
          onApply={(view) => onChange({ ...cleared, sort: undefined, ...view })}
        />
      )}
    </Filters>
  );
}

function options(rows: Map<string, { id: string; name: string }>) {
  return [...rows.values()].map(({ id, name }) => ({ value: id, label: name }));
}

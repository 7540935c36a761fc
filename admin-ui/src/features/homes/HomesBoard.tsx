import { IconHome } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { everyUnit } from '@/api/queries/units';
import type { Layout } from '@/features/projects/useLayout';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorState } from '@/ui/ErrorState';
import { LinesSkeleton } from '@/ui/Skeletons';
import { Board } from './Board';
import { GridView } from './GridView';
import { HomePeek } from './HomePeek';
import type { HomesSearch } from './HomesPage';
import { Legend } from './Legend';
import { filtersOf } from './search';
import { tally } from './tally';
import classes from './homes.module.css';

interface Props {
  kind: 'board' | 'grid';
  search: HomesSearch;
  projectId: string | undefined;
  layout: Layout;
  onChange: (change: Partial<HomesSearch>, replace?: boolean) => void;
  actions: ReactNode;
}

/** A site whole: as stacks of tiles or as cards by floor. */
export function HomesBoard({ kind, search, projectId, layout, onChange, actions }: Props) {
  const t = useTranslations('homes');
  const query = useQuery({ ...everyUnit(filtersOf(search, projectId, true)), enabled: projectId !== undefined });
  if (query.error && !query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data || !layout.ready)
    return (
      <div className={classes.scroll}>
        <LinesSkeleton lines={10} />
      </div>
    );
  const homes = query.data;
  const filtered = search.phase ?? search.building ?? search.plan;
  if (homes.length === 0)
    return (
      <EmptyState
        icon={<IconHome size={20} stroke={1.6} aria-hidden />}
        title={t(filtered ? 'empty.filtered' : 'empty.title')}
        action={filtered ? null : <div className={classes.actions}>{actions}</div>}
      >
        {t(filtered ? 'empty.filtered_text' : 'empty.text')}
      </EmptyState>
    );
  const Kind = kind === 'board' ? Board : GridView;
  return (
    <div className={classes.scroll}>
      <div className={classes.legend}>
        <Legend counts={tally(homes)} only={search.status} onOnly={(status) => onChange({ status })} />
      </div>
      <Kind
        homes={homes}
        layout={layout}
        only={search.status}
        current={search.peek}
        onPick={(home) => onChange({ peek: home.id }, false)}
      />
      <HomePeek
        unitId={search.peek}
        known={homes.find(({ id }) => id === search.peek)}
        onClose={() => onChange({ peek: undefined })}
      />
    </div>
  );
}

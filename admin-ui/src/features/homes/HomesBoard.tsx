import { IconHome } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { HomePeek } from './LazyHomePeek';
import { useTranslations } from 'use-intl';
import { board, everyUnit } from '@/api/queries/units';
import type { CellOut, UnitOut } from '@/api/schema';
import type { Layout } from '@/features/projects/useLayout';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorState } from '@/ui/ErrorState';
import { LinesSkeleton } from '@/ui/Skeletons';
import { Board } from './Board';
import { GridView } from './GridView';
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
  const query = useHomes(kind, search, projectId);
  if (query.error && !query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data || !layout.ready)
    return (
      <div className={classes.scroll}>
        <LinesSkeleton lines={10} />
      </div>
    );
  const homes = query.data.filter(
    ({ phase_id, plan_id }) =>
      (!search.phase || phase_id === search.phase) && (!search.plan || plan_id === search.plan),
  );
  const filtered = search.phase ?? search.building ?? search.plan;
  const shared = {
    layout,
    only: search.status,
    onPick: (home: CellOut) => onChange({ peek: home.id }, false),
  };
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
  return (
    <div className={classes.scroll}>
      <div className={classes.legend}>
        <Legend counts={tally(homes)} only={search.status} onOnly={(status) => onChange({ status })} />
      </div>
      {query.more && <p className={classes.muted}>{t('board.more', { count: homes.length })}</p>}
      {query.kind === 'board' ? (
        <Board homes={homes} current={search.peek} {...shared} />
      ) : (
        <GridView homes={homes as UnitOut[]} {...shared} />
      )}
      <HomePeek
        unitId={search.peek}
        known={homes.find(({ id }) => id === search.peek)}
        onClose={() => onChange({ peek: undefined })}
      />
    </div>
  );
}

/** A stack needs few things of a home, which come at once; a card needs all of them. */
function useHomes(kind: 'board' | 'grid', search: HomesSearch, projectId: string | undefined) {
  const known = projectId !== undefined;
  const cells = useQuery({ ...board(projectId ?? '', search.building), enabled: known && kind === 'board' });
  const homes = useQuery({ ...everyUnit(filtersOf(search, projectId, true)), enabled: known && kind === 'grid' });
  const { error, refetch } = kind === 'board' ? cells : homes;
  const data: CellOut[] | undefined = kind === 'board' ? cells.data?.items : homes.data;
  return { kind, data, error, refetch, more: kind === 'board' && cells.data?.complete === false };
}

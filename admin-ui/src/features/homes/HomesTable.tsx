import { IconHome } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { HomePeek } from './LazyHomePeek';
import { useTranslations } from 'use-intl';
import { rowsOf } from '@/api/paging';
import { unit, unitList } from '@/api/queries/units';
import type { UnitOut } from '@/api/schema';
import type { Layout } from '@/features/projects/useLayout';
import { DataTable } from '@/table/DataTable';
import { parseSort, sortText } from '@/table/sort';
import { EmptyState } from '@/ui/EmptyState';
import type { HomesSearch } from './HomesPage';
import { filtersOf } from './search';
import { useHomeColumns } from './useHomeColumns';
import { useSaleActions } from './useSaleActions';
import { lazily } from '@/ui/lazily';
import classes from './homes.module.css';

const BulkReason = lazily(() => import('./BulkReason').then((part) => part.BulkReason));

interface Props {
  search: HomesSearch;
  projectId: string | undefined;
  layout: Layout;
  onChange: (change: Partial<HomesSearch>, replace?: boolean) => void;
  actions: ReactNode;
}

export function HomesTable({ search, projectId, layout, onChange, actions }: Props) {
  const t = useTranslations('homes');
  const navigate = useNavigate();
  const client = useQueryClient();
  const filters = filtersOf(search, projectId);
  const query = useInfiniteQuery(unitList(filters));
  const [keeping, setKeeping] = useState<UnitOut[]>([]);
  const bulk = useSaleActions(setKeeping);
  const filtered = Object.keys(filters).some((key) => key !== 'project_id');
  return (
    <>
      <DataTable
        id={projectId ? 'homes' : 'homes-all'}
        label={t('title')}
        columns={useHomeColumns(layout, projectId)}
        query={query}
        rowId={(home) => home.id}
        rowLabel={(home) => home.number}
        onOpen={(home) => void navigate({ to: '/homes/$unitId', params: { unitId: home.id } })}
        onHover={(home) => void client.prefetchQuery(unit(home.id))}
        bulk={bulk}
        sort={parseSort(search.sort)}
        onSort={(sort) => onChange({ sort: sortText(sort) })}
        empty={
          <EmptyState
            icon={<IconHome size={20} stroke={1.6} aria-hidden />}
            title={t(filtered ? 'empty.filtered' : 'empty.title')}
            action={filtered ? null : <div className={classes.actions}>{actions}</div>}
          >
            {t(filtered ? 'empty.filtered_text' : 'empty.text')}
          </EmptyState>
        }
      />
      <HomePeek
        unitId={search.peek}
        known={rowsOf(query.data).find(({ id }) => id === search.peek)}
        onClose={() => onChange({ peek: undefined })}
      />
      {keeping.length > 0 && <BulkReason homes={keeping} onClose={() => setKeeping([])} />}
    </>
  );
}

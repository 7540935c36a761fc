import { Button } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconArrowsSort, IconBuilding, IconFileText, IconHome, IconPlus } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { contract, contractList, orderOf, orders } from '@/api/queries/contracts';
import { useCan } from '@/api/queries/me';
import type { ContractOut, ContractState } from '@/api/schema';
import { useShortcuts } from '@/shell/shortcuts';
import { DataTable } from '@/table/DataTable';
import { Filters } from '@/table/Filters';
import { SavedViews } from '@/table/SavedViews';
import { parseSort, sortText } from '@/table/sort';
import { EmptyState } from '@/ui/EmptyState';
import { Page } from '@/ui/Page';
import { SearchBox } from '@/ui/SearchBox';
import { MoveIcon } from './MoveIcon';
import { StateTabs } from './StateTabs';
import { useContractColumns } from './columns';
import { isPossible, useMoves, type Move } from './moves';
import { lazily } from '@/ui/lazily';
import { useContractName, useProjects } from './names';

const BulkMoveDialog = lazily(() => import('./BulkMoveDialog').then((part) => part.BulkMoveDialog));

const route = getRouteApi('/_app/contracts/');

export interface ContractsSearch {
  state?: ContractState | undefined;
  project_id?: string | undefined;
  unit_id?: string | undefined;
  sort?: string | undefined;
}

export function ContractsPage() {
  const t = useTranslations('contracts');
  const search = route.useSearch();
  const navigate = useNavigate();
  const client = useQueryClient();
  const canWrite = useCan('contracts.write');
  const moves = useMoves();
  const nameOf = useContractName();
  const columns = useContractColumns();
  const [bulk, setBulk] = useState<{ move: Move; rows: ContractOut[] } | null>(null);
  const { sort, ...filters } = search;
  // Never in the URL: it may be somebody's name.
  const [text, setText] = useState('');
  const [q] = useDebouncedValue(text.trim(), 250);
  const query = useInfiniteQuery({
    ...contractList({ ...filters, sort: orderOf(sort), ...(q ? { q } : {}) }),
    placeholderData: keepPreviousData,
  });
  const look = (next: ContractsSearch, replace = false) => void navigate({ to: '/contracts', search: next, replace });
  const create = () => void navigate({ to: '/contracts/new', search: {} });
  useShortcuts(canWrite ? [{ keys: 'n', label: t('new'), group: 'page', run: create }] : []);

  return (
    <Page
      title={t('title')}
      flush
      actions={
        canWrite && (
          <Button leftSection={<IconPlus size={15} aria-hidden />} onClick={create}>
            {t('new')}
          </Button>
        )
      }
      toolbar={
        <Toolbar
          search={search}
          look={look}
          rows={query.data?.pages[0]?.items}
          box={
            <SearchBox
              label={t('search')}
              hint={t('search_hint')}
              clear={t('search_clear')}
              text={text}
              onText={setText}
            />
          }
        />
      }
    >
      <DataTable<ContractOut>
        id="contracts"
        label={t('title')}
        columns={columns}
        query={query}
        rowId={({ id }) => id}
        rowLabel={nameOf}
        onOpen={({ id }) => void navigate({ to: '/contracts/$contractId', params: { contractId: id } })}
        onHover={({ id }) => void client.prefetchQuery({ ...contract(id), staleTime: 30_000 })}
        bulk={moves.toReversed().map((move) => ({
          id: move,
          label: t(`moves_short.${move}`),
          icon: <MoveIcon move={move} />,
          danger: move === 'cancel',
          enabled: (rows) => rows.some((row) => isPossible(move, row)),
          run: (rows) => setBulk({ move, rows }),
        }))}
        sort={parseSort(sort)}
        onSort={(next) => look({ ...search, sort: sortText(next) }, true)}
        empty={
          <Nothing filtered={q !== '' || Object.values(filters).some(Boolean)} canWrite={canWrite} onCreate={create} />
        }
      />
      {bulk && <BulkMoveDialog move={bulk.move} contracts={bulk.rows} onClose={() => setBulk(null)} />}
    </Page>
  );
}

interface ToolbarProps {
  search: ContractsSearch;
  look: (search: ContractsSearch, replace?: boolean) => void;
  rows: ContractOut[] | undefined;
  box: ReactNode;
}

function Toolbar({ search, look, rows, box }: ToolbarProps) {
  const t = useTranslations('contracts');
  const projects = useProjects();
  const home = rows?.find(({ unit }) => unit.id === search.unit_id)?.unit.number;
  const unitFilter = search.unit_id
    ? [
        {
          key: 'unit_id' as const,
          label: t('filters.home'),
          icon: <IconHome size={14} aria-hidden />,
          options: [{ value: search.unit_id, label: home ?? '…' }],
        },
      ]
    : [];
  const projectFilter = {
    key: 'project_id' as const,
    label: t('filters.project'),
    icon: <IconBuilding size={14} aria-hidden />,
    options: [...projects.values()].map(({ id, name }) => ({ value: id, label: name })),
  };
  // No column has the last change, and a phone has no columns.
  const orderFilter = {
    key: 'sort' as const,
    label: t('filters.order'),
    icon: <IconArrowsSort size={14} aria-hidden />,
    options: orders.map(({ sort, order }) => ({ value: sort, label: t(`orders.${order}`) })),
  };
  const several = projects.size > 1 || search.project_id;
  return (
    <>
      {box}
      <StateTabs state={search.state} onPick={(state) => look({ ...search, state })} />
      <Filters
        filters={[...(several ? [projectFilter] : []), ...unitFilter, orderFilter]}
        values={{ ...search, sort: orderOf(search.sort) && search.sort }}
        onChange={(key, value) => look({ ...search, [key]: value })}
        onClear={() => look({ state: search.state })}
      >
        <SavedViews list="contracts" search={{ ...search }} onApply={(view) => look(view as ContractsSearch)} />
      </Filters>
    </>
  );
}

function Nothing({ filtered, canWrite, onCreate }: { filtered: boolean; canWrite: boolean; onCreate: () => void }) {
  const t = useTranslations('contracts');
  const icon = <IconFileText size={20} stroke={1.6} aria-hidden />;
  if (filtered)
    return (
      <EmptyState
        icon={icon}
        title={t('empty.filtered_title')}
        action={<Link to="/contracts">{t('empty.filtered_action')}</Link>}
      >
        {t('empty.filtered_text')}
      </EmptyState>
    );
  return (
    <EmptyState
      icon={icon}
      title={t('empty.title')}
      action={canWrite && <Button onClick={onCreate}>{t('new')}</Button>}
    >
      {canWrite ? t('empty.text') : t('empty.text_reader')}
    </EmptyState>
  );
}

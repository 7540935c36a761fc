import { Button } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { ErrorState } from '@/ui/ErrorState';
import { usePhone } from '@/ui/usePhone';
import { BulkBar } from './BulkBar';
import { Columns } from './Columns';
import { HeaderRow } from './HeaderRow';
import { DataRow, SkeletonRow } from './DataRow';
import { sorted, type Sort } from './sort';
import classes from './table.module.css';
import type { BulkAction, Column, RowsQuery } from './types';
import { useColumns } from './useColumns';
import { useRowKeys } from './useRowKeys';
import { useSelection } from './useSelection';

const always = () => true;

const ROW = 32;
const CARD = 62;
/** How near the end the next page is fetched. */
const AHEAD = 12;

interface Props<Row> {
  /** Names the table where the chosen columns are kept. */
  id: string;
  /** What the table lists, for those who hear it. */
  label: string;
  columns: Column<Row>[];
  query: RowsQuery<Row>;
  rowId: (row: Row) => string;
  /** How a row is called, for its checkbox. */
  rowLabel: (row: Row) => string;
  onOpen?: (row: Row) => void;
  onHover?: (row: Row) => void;
  bulk?: BulkAction<Row>[];
  /** Whether anything of `bulk` can be done to a row: the others cannot be selected. */
  selects?: (row: Row) => boolean;
  sort?: Sort | undefined;
  onSort?: (sort: Sort | undefined) => void;
  empty: ReactNode;
  /** Right of the row count. */
  footer?: ReactNode;
}

/**
 * A list of any length: rows are fetched by keyset as they are scrolled to and only those in sight are in the page.
 * j/k or arrows move, x selects, Enter opens; a phone shows cards, which open or, once asked to, are selected.
 */
export function DataTable<Row>(props: Props<Row>) {
  const { columns, query, rowId, onOpen, bulk = [], selects = always, sort, label } = props;
  const t = useTranslations('common.table');
  const phone = usePhone();
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(-1);
  const { shown, toggle } = useColumns(props.id, columns);
  const complete = query.data !== undefined && !query.hasNextPage;
  const rows = useMemo(() => {
    const loaded = query.data?.pages.flatMap((page) => page.items) ?? [];
    return complete ? sorted(loaded, columns, sort) : loaded;
  }, [query.data, complete, columns, sort]);
  const selection = useSelection(rows, rowId, selects);
  const [choosing, setChoosing] = useState(false);

  const virtualizer = useVirtualizer({
    count: rows.length + (query.isFetchingNextPage ? 3 : 0),
    getScrollElement: () => scroller.current,
    estimateSize: () => (phone ? CARD : ROW),
    overscan: 10,
  });
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && last >= rows.length - AHEAD) fetchNextPage();
  }, [last, rows.length, hasNextPage, isFetchingNextPage, fetchNextPage]);
  useEffect(() => virtualizer.measure(), [phone, virtualizer]);

  useRowKeys({
    count: rows.length,
    active,
    setActive: (index) => {
      setActive(index);
      virtualizer.scrollToIndex(index);
    },
    onOpen: (index) => rows[index] && onOpen?.(rows[index]),
    onToggle: (index) => bulk.length > 0 && rows[index] && selection.toggle(rows[index]),
    onClear: selection.clear,
  });

  const selectable = bulk.length > 0;
  const clear = () => {
    selection.clear();
    setChoosing(false);
  };
  const template = `${selectable ? '34px ' : ''}${shown.map((column) => column.width).join(' ')}`;
  if (query.error && !query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data && rows.length === 0) return <>{props.empty}</>;

  return (
    <div className={classes.frame}>
      <div
        ref={scroller}
        className={classes.scroller}
        role="grid"
        aria-label={label}
        aria-rowcount={complete ? rows.length + 1 : -1}
        aria-busy={query.isPending}
        tabIndex={0}
        data-phone={phone || undefined}
      >
        {!phone && (
          <HeaderRow
            columns={shown}
            template={template}
            sort={sort}
            onSort={props.onSort}
            complete={complete}
            selection={
              selectable
                ? {
                    all: selection.all,
                    some: selection.selected.length > 0,
                    toggle: selection.toggleAll,
                  }
                : undefined
            }
          />
        )}
        {query.isPending ? (
          <div role="rowgroup" aria-label={t('loading_more')}>
            {Array.from({ length: 14 }, (_, index) => (
              <SkeletonRow
                key={index}
                index={index}
                columns={shown}
                template={template}
                phone={phone}
                selectable={selectable}
              />
            ))}
          </div>
        ) : (
          <div role="rowgroup" className={classes.rows} style={{ height: virtualizer.getTotalSize() }}>
            {items.map((item) => {
              const row = rows[item.index];
              const place = { transform: `translateY(${item.start}px)` };
              if (!row)
                return (
                  <SkeletonRow
                    key={item.key}
                    index={item.index}
                    columns={shown}
                    template={template}
                    phone={phone}
                    selectable={selectable}
                    place={place}
                  />
                );
              return (
                <DataRow
                  key={rowId(row)}
                  row={row}
                  index={item.index}
                  columns={shown}
                  template={template}
                  phone={phone}
                  place={place}
                  label={props.rowLabel(row)}
                  active={item.index === active}
                  selected={selection.ids.has(rowId(row))}
                  selectable={selectable}
                  choosing={choosing}
                  onToggle={selectable && selects(row) ? () => selection.toggle(row) : undefined}
                  onOpen={onOpen ? () => onOpen(row) : undefined}
                  onHover={props.onHover ? () => props.onHover?.(row) : undefined}
                />
              );
            })}
          </div>
        )}
      </div>
      {!(phone && selection.selected.length > 0) && (
        <div className={classes.foot}>
          <span role="status">
            {query.isPending
              ? t('loading_more')
              : complete
                ? t('loaded', { count: rows.length })
                : t('loaded_more', { count: rows.length })}
          </span>
          {props.footer}
          {phone && selectable && (
            <Button variant="subtle" color="gray" className={classes.choose} onClick={() => setChoosing(!choosing)}>
              {t(choosing ? 'select_done' : 'select')}
            </Button>
          )}
          {!phone && <Columns columns={columns} shown={shown} onToggle={toggle} />}
        </div>
      )}
      <BulkBar rows={selection.selected} actions={bulk} onClear={clear} />
    </div>
  );
}

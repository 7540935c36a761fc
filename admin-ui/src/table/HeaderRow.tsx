import { Checkbox } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useTranslations } from 'use-intl';
import type { Sort } from './sort';
import classes from './table.module.css';
import type { Column } from './types';

interface Props<Row> {
  columns: Column<Row>[];
  template: string;
  sort?: Sort | undefined;
  onSort?: ((sort: Sort | undefined) => void) | undefined;
  complete: boolean;
  selection?: { all: boolean; some: boolean; toggle: () => void } | undefined;
}

export function HeaderRow<Row>({ columns, template, sort, onSort, complete, selection }: Props<Row>) {
  const t = useTranslations('common.table');
  const tc = useTranslations('common');
  return (
    <div role="row" className={classes.head} style={{ gridTemplateColumns: template }}>
      {selection && (
        <div role="columnheader" className={classes.check}>
          <Checkbox
            size="xs"
            aria-label={t('select_all')}
            checked={selection.all}
            indeterminate={selection.some && !selection.all}
            onChange={selection.toggle}
          />
        </div>
      )}
      {columns.map((column) => {
        const current = sort?.column === column.id ? sort : undefined;
        const can = complete || column.sortedByApi === true;
        const next = () =>
          onSort?.(
            !current
              ? { column: column.id, down: false }
              : current.down
                ? undefined
                : { column: column.id, down: true },
          );
        return (
          <div
            key={column.id}
            role="columnheader"
            className={classes.headCell}
            data-align={column.align}
            aria-sort={current ? (current.down ? 'descending' : 'ascending') : undefined}
          >
            {(column.sortBy || column.sortedByApi) && onSort ? (
              <button
                type="button"
                className={classes.sort}
                onClick={can ? next : undefined}
                aria-disabled={!can}
                title={can ? t('sort', { column: column.header }) : t('sort_when_complete')}
              >
                {column.icon}
                {column.header}
                {current &&
                  (current.down ? <IconArrowDown size={12} aria-hidden /> : <IconArrowUp size={12} aria-hidden />)}
              </button>
            ) : (
              <>
                {column.icon}
                {column.header || <span className="visually-hidden">{tc('actions')}</span>}
              </>
            )}
          </div>
        );
      })}
    </div>
  );
}

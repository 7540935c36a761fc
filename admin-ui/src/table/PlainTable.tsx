import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { ErrorState } from '@/ui/ErrorState';
import { LinesSkeleton } from '@/ui/Skeletons';
import { usePhone } from '@/ui/usePhone';
import classes from './plain.module.css';
import type { Column } from './types';

interface Props<Row> {
  label: string;
  columns: Column<Row>[];
  query: { data: Row[] | undefined; error: Error | null; refetch: () => unknown };
  rowId: (row: Row) => string;
  onOpen?: (row: Row) => void;
  empty: ReactNode;
}

/** A short list inside a record's tab: a table of everything, cards on a phone. */
export function PlainTable<Row>({ label, columns, query, rowId, onOpen, empty }: Props<Row>) {
  const t = useTranslations('common');
  const phone = usePhone();
  if (query.error && !query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LinesSkeleton lines={6} />;
  if (query.data.length === 0) return <>{empty}</>;
  const shown = phone ? columns.filter((column) => column.phone) : columns;
  return (
    <table className={classes.table} aria-label={label}>
      <thead className={phone ? 'visually-hidden' : undefined}>
        <tr>
          {shown.map((column) => (
            <th key={column.id} scope="col" data-align={column.align} style={phone ? {} : { width: column.width }}>
              {column.header || <span className="visually-hidden">{t('actions')}</span>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {query.data.map((row) => (
          <tr
            key={rowId(row)}
            data-openable={onOpen ? true : undefined}
            onClick={(event) => {
              if (!(event.target as HTMLElement).closest('a, button, input, label, [role="menu"]')) onOpen?.(row);
            }}
          >
            {shown.map((column) => (
              <td key={column.id} data-align={column.align} data-place={column.phone}>
                {column.render(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

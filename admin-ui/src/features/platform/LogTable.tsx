import { IconCalendar, IconFileText, IconListDetails, IconTarget, IconUser } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { rowsOf } from '@/api/paging';
import { platformLog, type LogFilters } from '@/api/queries/platform';
import type { LogLineOut } from '@/api/schema';
import { DateTime } from '@/format';
import { DataTable } from '@/table/DataTable';
import { PlainTable } from '@/table/PlainTable';
import type { Column } from '@/table/types';
import { EmptyState } from '@/ui/EmptyState';
import { toneOf } from '@/ui/StatusBadge';
import { useDetailText, useEventWord } from './detail';
import classes from './platform.module.css';

const ICON = { size: 14, stroke: 1.6, 'aria-hidden': true } as const;

interface Props {
  filters: LogFilters;
  /** Inside a record's tab, where it is short and the record is known. */
  inRecord?: boolean;
}

/** The platform's own trail. */
export function LogTable({ filters, inRecord = false }: Props) {
  const t = useTranslations('platform.log');
  const query = useInfiniteQuery(platformLog(filters));
  const columns = useColumns();
  const filtered = !inRecord && Object.values(filters).some(Boolean);
  const empty = (
    <EmptyState
      icon={<IconListDetails size={20} stroke={1.6} aria-hidden />}
      title={t(filtered ? 'filtered_title' : 'empty_title')}
    >
      {t(filtered ? 'filtered_text' : 'empty_text')}
    </EmptyState>
  );
  if (inRecord) {
    return (
      <PlainTable<LogLineOut>
        label={t('title')}
        columns={columns.filter(({ id }) => id !== 'object')}
        query={{ data: query.data && rowsOf(query.data), error: query.error, refetch: query.refetch }}
        rowId={({ id }) => id}
        empty={empty}
      />
    );
  }
  return (
    <DataTable<LogLineOut>
      id="platform-log"
      label={t('title')}
      columns={columns}
      query={query}
      rowId={({ id }) => id}
      rowLabel={({ action }) => action}
      empty={empty}
    />
  );
}

function useColumns(): Column<LogLineOut>[] {
  const eventWord = useEventWord();
  const detailText = useDetailText();
  const t = useTranslations('platform.log');
  return [
    {
      id: 'action',
      header: t('action'),
      icon: <IconTarget {...ICON} />,
      width: 'minmax(190px, 1fr)',
      phone: 'title',
      fixed: true,
      render: ({ action }) => (
        <span className={classes.action} data-tone={toneOf(action.split('.').at(-1) ?? '')}>
          <span className={classes.dot} aria-hidden />
          {eventWord(action)}
        </span>
      ),
    },
    {
      id: 'actor',
      header: t('actor'),
      icon: <IconUser {...ICON} />,
      width: 'minmax(130px, 0.8fr)',
      phone: 'meta',
      render: ({ actor }) => (
        <span className={actor ? classes.cut : classes.quiet}>{actor?.name ?? t('platform')}</span>
      ),
    },
    {
      id: 'detail',
      header: t('detail'),
      width: 'minmax(200px, 1.8fr)',
      render: ({ detail }) => (
        <span className={classes.detail} title={detailText(detail)}>
          {detailText(detail)}
        </span>
      ),
    },
    {
      id: 'object',
      header: t('object'),
      icon: <IconFileText {...ICON} />,
      width: 'minmax(90px, 0.5fr)',
      render: ({ object_id }) =>
        object_id && (
          <code className={classes.id} title={object_id}>
            …{object_id.slice(-6)}
          </code>
        ),
    },
    {
      id: 'at',
      header: t('at'),
      icon: <IconCalendar {...ICON} />,
      width: 'minmax(170px, 0.8fr)',
      phone: 'end',
      render: ({ at }) => <DateTime at={at} />,
    },
  ];
}

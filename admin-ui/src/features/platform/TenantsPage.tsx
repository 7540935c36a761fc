import {
  IconBuildingSkyscraper,
  IconCalendar,
  IconCircleDot,
  IconReceipt,
  IconServer,
  IconWorld,
} from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { tenantList } from '@/api/queries/platform';
import type { TenantOut } from '@/api/schema';
import { DateTime } from '@/format';
import { useFormat } from '@/format/useFormat';
import { DataTable } from '@/table/DataTable';
import { parseSort, sortText } from '@/table/sort';
import type { Column } from '@/table/types';
import { EmptyState } from '@/ui/EmptyState';
import { Page } from '@/ui/Page';
import { StatusBadge } from '@/ui/StatusBadge';
import { usePlanName } from './plans';
import classes from './platform.module.css';

const route = getRouteApi('/_app/platform/tenants/');
const ICON = { size: 14, stroke: 1.6, 'aria-hidden': true } as const;

/** Every tenant, with its plan and limits. */
export function TenantsPage() {
  const t = useTranslations('platform.tenants');
  const { sort } = route.useSearch();
  const navigate = useNavigate();
  const query = useInfiniteQuery(tenantList());
  const columns = useColumns();
  return (
    <Page title={t('title')} flush>
      <DataTable<TenantOut>
        id="tenants"
        label={t('title')}
        columns={columns}
        query={query}
        rowId={({ id }) => id}
        rowLabel={({ name }) => name}
        onOpen={({ id }) => void navigate({ to: '/platform/tenants/$tenantId', params: { tenantId: id } })}
        sort={parseSort(sort)}
        onSort={(next) => void navigate({ to: '/platform/tenants', search: { sort: sortText(next) }, replace: true })}
        empty={
          <EmptyState
            icon={<IconBuildingSkyscraper size={20} stroke={1.6} aria-hidden />}
            title={t('empty_title')}
            action={<Link to="/platform/signups">{t('to_signups')}</Link>}
          >
            {t('empty_text')}
          </EmptyState>
        }
      />
    </Page>
  );
}

function useColumns(): Column<TenantOut>[] {
  const t = useTranslations('platform.tenants');
  const planName = usePlanName();
  const format = useFormat();
  const limit = (value: number | null) => (value === null ? t('unlimited') : format.number(value));
  return [
    {
      id: 'name',
      header: t('name'),
      icon: <IconBuildingSkyscraper {...ICON} />,
      width: 'minmax(180px, 1.4fr)',
      phone: 'title',
      fixed: true,
      sortBy: ({ name }) => name,
      render: ({ id, name }) => (
        <Link to="/platform/tenants/$tenantId" params={{ tenantId: id }} className={classes.name ?? ''}>
          {name}
        </Link>
      ),
    },
    {
      id: 'state',
      header: t('state'),
      icon: <IconCircleDot {...ICON} />,
      width: 'minmax(124px, 0.8fr)',
      phone: 'badge',
      sortBy: ({ state }) => state,
      render: ({ state }) => <StatusBadge status={state} />,
    },
    {
      id: 'slug',
      header: t('slug'),
      icon: <IconWorld {...ICON} />,
      width: 'minmax(110px, 0.8fr)',
      phone: 'meta',
      sortBy: ({ slug }) => slug,
      render: ({ slug }) => slug,
    },
    {
      id: 'cell',
      header: t('cell'),
      icon: <IconServer {...ICON} />,
      width: 'minmax(80px, 0.5fr)',
      sortBy: ({ cell }) => cell,
      render: ({ cell }) => cell,
    },
    {
      id: 'plan',
      header: t('plan'),
      icon: <IconReceipt {...ICON} />,
      width: 'minmax(90px, 0.6fr)',
      phone: 'meta',
      sortBy: ({ plan }) => plan,
      render: ({ plan }) => planName(plan),
    },
    {
      id: 'members',
      header: t('limit_members'),
      width: 'minmax(110px, 0.6fr)',
      align: 'end',
      sortBy: ({ max_members }) => max_members ?? Infinity,
      render: ({ max_members }) => <span className={classes.quiet}>{limit(max_members)}</span>,
    },
    {
      id: 'projects',
      header: t('limit_projects'),
      width: 'minmax(110px, 0.6fr)',
      align: 'end',
      sortBy: ({ max_projects }) => max_projects ?? Infinity,
      render: ({ max_projects }) => <span className={classes.quiet}>{limit(max_projects)}</span>,
    },
    {
      id: 'files',
      header: t('limit_files'),
      width: 'minmax(110px, 0.6fr)',
      align: 'end',
      optional: true,
      render: ({ max_file_megabytes: megabytes }) => (
        <span className={classes.quiet}>{megabytes === null ? t('unlimited') : format.bytes(megabytes * 1e6)}</span>
      ),
    },
    {
      id: 'created',
      header: t('created'),
      icon: <IconCalendar {...ICON} />,
      width: 'minmax(120px, 0.7fr)',
      phone: 'end',
      sortBy: ({ created_at }) => created_at,
      render: ({ created_at }) => <DateTime at={created_at} as="date" />,
    },
  ];
}

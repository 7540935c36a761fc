import { IconLayoutDashboard, IconListDetails } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { tenant as tenantQuery } from '@/api/queries/platform';
import type { TenantOut } from '@/api/schema';
import { ErrorState } from '@/ui/ErrorState';
import { Page } from '@/ui/Page';
import { RecordPage } from '@/ui/RecordPage';
import { PageSkeleton } from '@/ui/Skeletons';
import { StatusBadge } from '@/ui/StatusBadge';
import { LogTable } from './LogTable';
import { Provisioning } from './Provisioning';
import { TenantActions } from './TenantActions';
import { TenantFacts } from './TenantFacts';
import { Usage } from './Usage';

const route = getRouteApi('/_app/platform/tenants/$tenantId');

export function TenantPage() {
  const t = useTranslations('platform.tenants');
  const { tenantId } = route.useParams();
  const query = useQuery(tenantQuery(tenantId));
  if (query.data) return <Tenant tenant={query.data.data} />;
  return (
    <Page title={t('title')}>
      {query.error ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <PageSkeleton />}
    </Page>
  );
}

function Tenant({ tenant }: { tenant: TenantOut }) {
  const t = useTranslations('platform.tenant');
  const { tab = 'overview' } = route.useSearch();
  const navigate = useNavigate();
  const icon = { size: 14, stroke: 1.6, 'aria-hidden': true } as const;
  return (
    <RecordPage
      title={tenant.name}
      aside={<StatusBadge status={tenant.state} />}
      actions={<TenantActions tenant={tenant} />}
      properties={<TenantFacts tenant={tenant} />}
      tab={tab}
      onTab={(next) =>
        void navigate({
          to: '/platform/tenants/$tenantId',
          params: { tenantId: tenant.id },
          search: next === 'log' ? { tab: 'log' } : {},
          replace: true,
        })
      }
      tabs={[
        {
          value: 'overview',
          label: t('overview'),
          icon: <IconLayoutDashboard {...icon} />,
          content: (
            <>
              {tenant.state !== 'offboarded' && <Usage tenant={tenant} />}
              <Provisioning tenant={tenant} />
            </>
          ),
        },
        {
          value: 'log',
          label: t('log'),
          icon: <IconListDetails {...icon} />,
          content: <LogTable filters={{ object: tenant.id }} inRecord />,
        },
      ]}
    />
  );
}

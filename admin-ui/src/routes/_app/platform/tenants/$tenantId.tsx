import { createFileRoute } from '@tanstack/react-router';
import { tenant, tenantUsage } from '@/api/queries/platform';
import { TenantPage } from '@/features/platform/TenantPage';

const TABS = ['overview', 'log'] as const;

export const Route = createFileRoute('/_app/platform/tenants/$tenantId')({
  validateSearch: ({ tab }): { tab?: (typeof TABS)[number] | undefined } => ({
    tab: TABS.find((known) => known === tab),
  }),
  loader: ({ context: { queryClient }, params: { tenantId } }) => {
    void queryClient.prefetchQuery(tenant(tenantId));
    void queryClient.prefetchQuery(tenantUsage(tenantId));
  },
  component: TenantPage,
});

import { createFileRoute } from '@tanstack/react-router';
import { tenantList } from '@/api/queries/platform';
import { TenantsPage } from '@/features/platform/TenantsPage';

export const Route = createFileRoute('/_app/platform/tenants/')({
  validateSearch: ({ sort }): { sort?: string | undefined } => ({ sort: typeof sort === 'string' ? sort : undefined }),
  loader: ({ context }) => void context.queryClient.prefetchInfiniteQuery(tenantList()),
  component: TenantsPage,
});

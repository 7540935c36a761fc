import { createFileRoute } from '@tanstack/react-router';
import { platformHealth } from '@/api/queries/platform';
import { HealthPage } from '@/features/platform/HealthPage';

export const Route = createFileRoute('/_app/platform/health')({
  loader: ({ context }) => void context.queryClient.prefetchQuery(platformHealth()),
  component: HealthPage,
});

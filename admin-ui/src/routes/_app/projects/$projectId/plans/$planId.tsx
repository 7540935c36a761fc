import { createFileRoute } from '@tanstack/react-router';
import { plan } from '@/api/queries/plans';
import { PlanPage } from '@/features/plans/PlanPage';

const TABS = ['floorplans', 'elevations', 'homes'] as const;

export const Route = createFileRoute('/_app/projects/$projectId/plans/$planId')({
  validateSearch: (raw: Record<string, unknown>): { tab?: (typeof TABS)[number] } => {
    const tab = TABS.find((tab) => tab === raw['tab']);
    return tab && tab !== 'floorplans' ? { tab } : {};
  },
  loader: ({ context, params }) => void context.queryClient.prefetchQuery(plan(params.planId)),
  component: function Plan() {
    return <PlanPage planId={Route.useParams().planId} tab={Route.useSearch().tab ?? 'floorplans'} />;
  },
});

import { createFileRoute } from '@tanstack/react-router';
import { auditEvents, auditHead, type AuditFilters } from '@/api/queries/audit';
import { AuditPage } from '@/features/audit/AuditPage';

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

export const Route = createFileRoute('/_app/audit/')({
  validateSearch: ({ object_id, object_kind, actor, action }): AuditFilters => ({
    object_id: text(object_id),
    object_kind: text(object_kind),
    actor: text(actor),
    action: text(action),
  }),
  loaderDeps: ({ search }) => search,
  loader: ({ context: { queryClient }, deps }) => {
    void queryClient.prefetchInfiniteQuery(auditEvents(deps));
    void queryClient.prefetchQuery(auditHead());
  },
  component: AuditPage,
});

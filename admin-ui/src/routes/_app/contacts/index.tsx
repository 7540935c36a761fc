import { createFileRoute } from '@tanstack/react-router';
import { contactList } from '@/api/queries/contacts';
import { everyProject } from '@/api/queries/projects';
import { ContactsPage } from '@/features/contacts/ContactsPage';

/** A project only: what one searches for is about people, and people are not in URLs. */
export const Route = createFileRoute('/_app/contacts/')({
  validateSearch: (raw: Record<string, unknown>): { project?: string } =>
    typeof raw['project'] === 'string' ? { project: raw['project'] } : {},
  loaderDeps: ({ search }) => search,
  loader: ({ context: { queryClient }, deps: { project } }) => {
    void queryClient.prefetchInfiniteQuery(contactList(project ? { project_id: project } : {}));
    void queryClient.prefetchQuery(everyProject());
  },
  component: function Contacts() {
    return <ContactsPage projectId={Route.useSearch().project} />;
  },
});

import { createFileRoute } from '@tanstack/react-router';
import { memberList } from '@/api/queries/members';
import { everyProject } from '@/api/queries/projects';
import { MembersPage } from '@/features/members/MembersPage';
import { SHOWS, type MembersSearch } from '@/features/members/shows';

export const Route = createFileRoute('/_app/members/')({
  validateSearch: ({ show, sort }): MembersSearch => ({
    show: SHOWS.find((known) => known === show),
    sort: typeof sort === 'string' ? sort : undefined,
  }),
  loader: ({ context: { queryClient } }) => {
    void queryClient.prefetchInfiniteQuery(memberList());
    void queryClient.prefetchQuery(everyProject());
  },
  component: MembersPage,
});

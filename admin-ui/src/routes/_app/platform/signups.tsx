import { createFileRoute } from '@tanstack/react-router';
import { signupList } from '@/api/queries/platform';
import { SignupsPage } from '@/features/platform/SignupsPage';

const SHOWS = ['verified', 'decided'] as const;

export const Route = createFileRoute('/_app/platform/signups')({
  validateSearch: ({ show }): { show?: (typeof SHOWS)[number] | undefined } => ({
    show: SHOWS.find((known) => known === show),
  }),
  loader: ({ context }) => void context.queryClient.prefetchInfiniteQuery(signupList()),
  component: SignupsPage,
});

import { createFileRoute } from '@tanstack/react-router';
import { sessionsOptions } from '@/api/queries/sessions';
import { ProfilePage } from '@/features/profile/ProfilePage';

export const Route = createFileRoute('/_app/profile')({
  loader: ({ context }) => void context.queryClient.prefetchQuery(sessionsOptions),
  component: ProfilePage,
});

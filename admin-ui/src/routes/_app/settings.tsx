import { createFileRoute } from '@tanstack/react-router';
import { settingsOptions } from '@/api/queries/settings';
import { SettingsPage } from '@/features/settings/SettingsPage';

export const Route = createFileRoute('/_app/settings')({
  loader: ({ context }) => void context.queryClient.prefetchQuery(settingsOptions),
  component: SettingsPage,
});

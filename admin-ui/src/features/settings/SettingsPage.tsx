import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { settingsOptions } from '@/api/queries/settings';
import { ErrorState } from '@/ui/ErrorState';
import { lazily } from '@/ui/lazily';
import { Page } from '@/ui/Page';
import { LinesSkeleton } from '@/ui/Skeletons';

const SettingsForm = lazily(() => import('./SettingsForm').then((part) => part.SettingsForm));

/** The workspace's name, and what new projects start with. */
export function SettingsPage() {
  const t = useTranslations('settings');
  const { data, error, refetch } = useQuery(settingsOptions);
  return (
    <Page title={t('title')}>
      {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!error && !data && <LinesSkeleton lines={8} />}
      {/* A new version from the server is a new form. */}
      {data && <SettingsForm key={data.etag} settings={data.data} />}
    </Page>
  );
}

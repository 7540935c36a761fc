import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { meOptions } from '@/api/queries/me';
import { ErrorState } from '@/ui/ErrorState';
import { FormSection } from '@/ui/FormSection';
import { Page } from '@/ui/Page';
import { LinesSkeleton } from '@/ui/Skeletons';
import { PasswordForm } from './PasswordForm';
import { lazily } from '@/ui/lazily';
import { Sessions } from './Sessions';

const YouForm = lazily(() => import('./YouForm').then((part) => part.YouForm));

/** Oneself: name, language, password, and where one is signed in. */
export function ProfilePage() {
  const t = useTranslations('profile');
  const { data, error, refetch } = useQuery(meOptions);
  return (
    <Page title={t('title')}>
      {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!error && !data && <LinesSkeleton lines={8} />}
      {data && (
        <>
          {/* A new version from the server is a new form. */}
          <YouForm key={data.etag} me={data.data} />
          <FormSection title={t('password')} text={t('password_text')}>
            <PasswordForm email={data.data.email} />
          </FormSection>
          <FormSection title={t('sessions')} text={t('sessions_text')}>
            <Sessions />
          </FormSection>
        </>
      )}
    </Page>
  );
}

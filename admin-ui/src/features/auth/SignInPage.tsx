import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { place, publicUrl } from '@/auth/site';
import { PublicFrame } from '@/ui/PublicFrame';
import { FindWorkspace } from './FindWorkspace';
import { SignInForm } from './SignInForm';

const route = getRouteApi('/sign-in');

/** The way in: of this host's workspace, of the console, or to the host of one's workspace. */
export function SignInPage() {
  const t = useTranslations('auth');
  const { next } = route.useSearch();
  const router = useRouter();
  const client = useQueryClient();
  if (place.site === 'public') return <FindWorkspace />;
  const enter = () => {
    client.clear();
    router.history.push(next ?? '/');
  };
  const title =
    place.site === 'console' ? t('to_console') : t('to_workspace', { name: place.slug ?? window.location.hostname });
  return (
    <PublicFrame
      title={title}
      footer={
        place.site === 'workspace' && (
          <>
            {t('no_account')} <a href={publicUrl('/sign-up')}>{t('sign_up')}</a>
          </>
        )
      }
    >
      <SignInForm onDone={enter} />
    </PublicFrame>
  );
}

import { useTranslations } from 'use-intl';
import { Page } from '@/ui/Page';

export function ProfilePage() {
  const t = useTranslations('shell.menu');
  return <Page title={t('profile')}>{null}</Page>;
}

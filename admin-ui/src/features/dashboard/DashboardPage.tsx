import { useTranslations } from 'use-intl';
import { Page } from '@/ui/Page';

export function DashboardPage() {
  const t = useTranslations('shell.nav');
  return <Page title={t('dashboard')}>{null}</Page>;
}

import { useTranslations } from 'use-intl';
import { Page } from '@/ui/Page';

export function OverviewPage() {
  const t = useTranslations('shell.nav');
  return <Page title={t('overview')}>{null}</Page>;
}

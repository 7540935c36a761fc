import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { PublicFrame } from '@/ui/PublicFrame';

/** An address that names no page of this host. */
export function NotFoundPage() {
  const t = useTranslations('shell.not_found');
  return (
    <PublicFrame title={t('title')} text={t('text')}>
      <Button component={Link} to="/" size="sm" fullWidth>
        {t('home')}
      </Button>
    </PublicFrame>
  );
}

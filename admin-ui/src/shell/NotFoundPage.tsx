import { Button } from '@mantine/core';
import { IconMapPinOff } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { EmptyState } from '@/ui/EmptyState';

export function NotFoundPage() {
  const t = useTranslations('shell.not_found');
  return (
    <EmptyState
      icon={<IconMapPinOff size={20} stroke={1.6} aria-hidden />}
      title={t('title')}
      action={
        <Button component={Link} to="/">
          {t('home')}
        </Button>
      }
    >
      {t('text')}
    </EmptyState>
  );
}

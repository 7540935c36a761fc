import { Button } from '@mantine/core';
import { IconBuildingCommunity } from '@tabler/icons-react';
import { Link, useRouter } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { useCan } from '@/api/queries/me';
import { EmptyState } from '@/ui/EmptyState';

/** A workspace without a home: how it begins. */
export function FirstSteps() {
  const t = useTranslations('dashboard.empty');
  const mayStart = useCan('projects.manage');
  const { routesByPath } = useRouter();
  const to = '/onboarding' in routesByPath ? '/onboarding' : '/projects';
  return (
    <EmptyState
      icon={<IconBuildingCommunity size={20} stroke={1.6} aria-hidden />}
      title={t('title')}
      action={
        mayStart && (
          <Button component={Link} to={to}>
            {t('start')}
          </Button>
        )
      }
    >
      {t(mayStart ? 'text' : 'ask')}
    </EmptyState>
  );
}

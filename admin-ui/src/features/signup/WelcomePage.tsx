import { Button, Group } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { PublicFrame } from '@/ui/PublicFrame';

export function WelcomePage() {
  const t = useTranslations('auth');
  return (
    <PublicFrame title="Keystead">
      <Group grow>
        <Button component="a" href="/sign-up">
          {t('sign_up')}
        </Button>
        <Button component="a" href="/sign-in" variant="default">
          {t('sign_in')}
        </Button>
      </Group>
    </PublicFrame>
  );
}

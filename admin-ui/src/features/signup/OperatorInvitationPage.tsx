import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { acceptOperatorInvitation } from '@/api/queries/signups';
import { workspaceUrl } from '@/auth/site';
import { PublicFrame } from '@/ui/PublicFrame';
import { JoinForm } from './JoinForm';

/** An invited person becomes an operator of the platform. */
export function OperatorInvitationPage() {
  const [joined, setJoined] = useState(false);
  const t = useTranslations('signup.operator');
  if (!joined) {
    return (
      <JoinForm
        title={t('title')}
        text={t('text')}
        accept={acceptOperatorInvitation}
        onJoined={() => setJoined(true)}
      />
    );
  }
  return (
    <PublicFrame title={t('joined_title')} text={t('joined_text')}>
      <Button component="a" href={workspaceUrl('console', '/sign-in')} size="sm" fullWidth>
        {t('open')}
      </Button>
    </PublicFrame>
  );
}

import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { acceptOperatorInvitation } from '@/api/queries/signups';
import { workspaceUrl } from '@/auth/site';
import { PublicFrame } from '@/ui/PublicFrame';
import { Join } from './Join';

/** An invited person joins those who run the platform. */
export function OperatorInvitationPage() {
  const [joined, setJoined] = useState(false);
  const t = useTranslations('signup.operator_invitation');
  if (!joined) {
    return <Join words="operator_invitation" accept={acceptOperatorInvitation} onJoined={() => setJoined(true)} />;
  }
  return (
    <PublicFrame title={t('joined_title')} text={t('joined_text')}>
      <Button component="a" href={workspaceUrl('console', '/sign-in')} size="sm" fullWidth>
        {t('open')}
      </Button>
    </PublicFrame>
  );
}

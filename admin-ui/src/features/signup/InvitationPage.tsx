import { Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { acceptInvitation } from '@/api/queries/signups';
import type { AcceptedOut } from '@/api/schema';
import { workspaceUrl } from '@/auth/site';
import { PublicFrame } from '@/ui/PublicFrame';
import { JoinForm } from './JoinForm';

/** An invited person joins. */
export function InvitationPage() {
  const [joined, setJoined] = useState<AcceptedOut | null>(null);
  const t = useTranslations('signup.invitation');
  if (!joined) return <JoinForm title={t('title')} text={t('text')} accept={acceptInvitation} onJoined={setJoined} />;
  const name = joined.tenant_name;
  return (
    <PublicFrame title={t('joined_title', { name })} text={t('joined_text')}>
      <Button component="a" href={workspaceUrl(joined.tenant, '/sign-in')} size="sm" fullWidth>
        {t('open', { name })}
      </Button>
    </PublicFrame>
  );
}

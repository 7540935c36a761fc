import { Alert, Button } from '@mantine/core';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { lazily } from '@/ui/lazily';
import classes from './audit.module.css';

const ConfirmDialog = lazily(() => import('@/features/members/ConfirmDialog').then((part) => part.ConfirmDialog));

/** The API tells another key than the one that this browser trusts: only people can say whether that is right. */
export function KeyWarning({ strange, accept }: { strange: string; accept: (key: string) => void }) {
  const t = useTranslations('audit.key');
  const [asking, setAsking] = useState(false);
  return (
    <Alert color="orange" title={t('strange')} className={`${classes.broken} ${classes.strange}`} role="alert">
      <p className={classes.why}>{t('strange_text')}</p>
      <code className={classes.long}>{strange}</code>
      <div className={classes.accept}>
        <Button variant="default" onClick={() => setAsking(true)}>
          {t('accept')}
        </Button>
      </div>
      {asking && (
        <ConfirmDialog
          title={t('accept_title')}
          text={t('accept_text')}
          action={t('accept')}
          onClose={() => setAsking(false)}
          onConfirm={() => Promise.resolve(accept(strange))}
        />
      )}
    </Alert>
  );
}

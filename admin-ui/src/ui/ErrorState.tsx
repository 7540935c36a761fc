import { Button, Code, CopyButton, Text, Title } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslations } from 'use-intl';
import { ApiProblem } from '@/api/problem';
import { useProblemWords } from './problemWords';
import classes from './states.module.css';

/** What happened, how to go on, and the request's id for support. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const t = useTranslations();
  const words = useProblemWords()(error);
  const requestId = error instanceof ApiProblem ? error.requestId : null;
  return (
    <div className={classes.state} role="alert">
      <div className={classes.icon} data-bad>
        <IconAlertTriangle size={20} stroke={1.6} aria-hidden />
      </div>
      <Title order={2} size="h3">
        {words.title}
      </Title>
      <Text size="sm" c="dimmed" className={classes.text}>
        {words.advice}
      </Text>
      {onRetry && (
        <Button className={classes.action ?? ''} variant="default" onClick={onRetry}>
          {t('common.retry')}
        </Button>
      )}
      {requestId && (
        <CopyButton value={requestId}>
          {({ copied, copy }) => (
            <button type="button" className={classes.request} onClick={copy}>
              {copied ? t('common.copied') : t('problems.request_id')} <Code>{requestId}</Code>
            </button>
          )}
        </CopyButton>
      )}
    </div>
  );
}

import { Code, Text } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { ApiProblem } from '@/api/problem';
import { useProblemWords } from './problemWords';

/** What happened, what to do about it, and the request's id. */
export function ProblemText({ error }: { error: unknown }) {
  const t = useTranslations('problems');
  const words = useProblemWords()(error);
  const requestId = error instanceof ApiProblem ? error.requestId : null;
  return (
    <div>
      <Text size="sm" fw={600}>
        {words.title}
      </Text>
      <Text size="sm">{words.advice}</Text>
      {requestId && (
        <Text size="xs" c="dimmed" mt={4}>
          {t('request_id')} <Code>{requestId}</Code>
        </Text>
      )}
    </div>
  );
}

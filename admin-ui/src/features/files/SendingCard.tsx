import { ActionIcon, Button, Progress } from '@mantine/core';
import { IconFileUpload, IconX } from '@tabler/icons-react';
import { useTranslations } from 'use-intl';
import { useFormat } from '@/format/useFormat';
import { useProblemWords } from '@/ui/problemWords';
import classes from './files.module.css';
import type { Sending } from './useUploads';

interface Props {
  sending: Sending;
  onRepeat: (sending: Sending) => void;
  onDrop: () => void;
}

/** A file on its way, and what became of it when it did not arrive. */
export function SendingCard({ sending, onRepeat, onDrop }: Props) {
  const t = useTranslations('files');
  const words = useProblemWords();
  const format = useFormat();
  const { file, stage, sent, error } = sending;
  const problem = stage === 'failed' ? words(error) : null;
  return (
    <li className={classes.card}>
      <div className={classes.thumb} data-sending>
        <IconFileUpload size={26} stroke={1.3} aria-hidden />
      </div>
      <div className={classes.text}>
        <span className={classes.name} title={file.name}>
          {file.name}
        </span>
        {problem ? (
          <span className={classes.bad} role="alert">
            {problem.title}. {problem.advice}
          </span>
        ) : (
          <>
            <span className={classes.meta}>
              {t(`stage.${stage === 'failed' ? 'reading' : stage}`)} · {format.bytes(file.size)}
            </span>
            <Progress
              value={stage === 'checking' ? 100 : sent * 100}
              animated={stage !== 'sending'}
              size="sm"
              mt={6}
              aria-label={t('progress', { name: file.name })}
            />
          </>
        )}
        {problem && (
          <div className={classes.tools}>
            <Button variant="default" size="compact-xs" onClick={() => onRepeat(sending)}>
              {t('repeat')}
            </Button>
            <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('forget')} onClick={onDrop}>
              <IconX size={14} aria-hidden />
            </ActionIcon>
          </div>
        )}
      </div>
    </li>
  );
}

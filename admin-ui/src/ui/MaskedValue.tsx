import { ActionIcon } from '@mantine/core';
import { IconEyeOff } from '@tabler/icons-react';
import { useEffect, useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { AskPurpose } from './AskPurpose';
import classes from './masked.module.css';

const VISIBLE_SECONDS = 60;

interface Props {
  /** The field's name in the reader's language. */
  field: string;
  /** What everybody sees, such as `j…@e….com`. */
  masked: ReactNode;
  /** Discloses the value for a purpose; absent when the role may not. */
  onReveal?: (purpose: string) => Promise<ReactNode>;
}

/** Personal data: masked, disclosed for a recorded purpose, and masked again after a minute. */
export function MaskedValue({ field, masked, onReveal }: Props) {
  const t = useTranslations('common.masked');
  const [shown, setShown] = useState<ReactNode>(null);

  useEffect(() => {
    if (shown === null) return undefined;
    const timer = setTimeout(() => setShown(null), VISIBLE_SECONDS * 1000);
    return () => clearTimeout(timer);
  }, [shown]);

  if (shown !== null) {
    return (
      <span className={classes.value} data-shown>
        {shown}
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={t('hide', { field })}
          onClick={() => setShown(null)}
        >
          <IconEyeOff size={14} aria-hidden />
        </ActionIcon>
      </span>
    );
  }
  return (
    <span className={classes.value}>
      {masked}
      {onReveal && <AskPurpose field={field} onAnswer={async (purpose) => setShown(await onReveal(purpose))} />}
    </span>
  );
}

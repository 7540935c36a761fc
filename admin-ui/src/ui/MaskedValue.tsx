import { ActionIcon, Button, Popover, Text, TextInput } from '@mantine/core';
import { IconEye, IconEyeOff } from '@tabler/icons-react';
import { useEffect, useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
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
  const [asking, setAsking] = useState(false);

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
      {onReveal && (
        <Popover opened={asking} onChange={setAsking} trapFocus position="bottom-start" width={300}>
          <Popover.Target>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="sm"
              aria-label={t('reveal', { field })}
              onClick={() => setAsking((open) => !open)}
            >
              <IconEye size={14} aria-hidden />
            </ActionIcon>
          </Popover.Target>
          <Popover.Dropdown>
            <AskPurpose
              onAnswer={async (purpose) => {
                setShown(await onReveal(purpose));
                setAsking(false);
              }}
            />
          </Popover.Dropdown>
        </Popover>
      )}
    </span>
  );
}

function AskPurpose({ onAnswer }: { onAnswer: (purpose: string) => Promise<void> }) {
  const t = useTranslations('common.masked');
  const [purpose, setPurpose] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    setBusy(true);
    // The mutation shows its own problem.
    onAnswer(purpose.trim()).catch(() => setBusy(false));
  };
  return (
    <form onSubmit={submit}>
      <TextInput
        label={t('purpose')}
        placeholder={t('purpose_placeholder')}
        value={purpose}
        onChange={(event) => setPurpose(event.currentTarget.value)}
        maxLength={200}
        autoComplete="off"
        data-autofocus
      />
      <Text size="xs" c="dimmed" my={6}>
        {t('purpose_hint')}
      </Text>
      <Button type="submit" fullWidth disabled={purpose.trim().length < 3} loading={busy}>
        {t('show')}
      </Button>
    </form>
  );
}

import { Button, Popover, Text, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';

interface Props {
  target: ReactNode;
  onClose: () => void;
  onAnswer: (purpose: string) => Promise<void>;
}

/** Asks what personal data is wanted for; the answer is recorded. */
export default function PurposePopover({ target, onClose, onAnswer }: Props) {
  return (
    <Popover opened onChange={(open) => !open && onClose()} trapFocus position="bottom-start" width={300}>
      <Popover.Target>{target}</Popover.Target>
      <Popover.Dropdown>
        <Question onAnswer={onAnswer} />
      </Popover.Dropdown>
    </Popover>
  );
}

function Question({ onAnswer }: { onAnswer: (purpose: string) => Promise<void> }) {
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

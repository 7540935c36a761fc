import { Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { ConfirmTyped } from '@/ui/ConfirmTyped';

interface Props {
  title: string;
  text: string;
  /** What has to be typed. */
  word: string;
  /** The button's text: the verb. */
  action: string;
  onClose: () => void;
  onConfirm: (reason: string) => Promise<unknown>;
}

/** Asks for a reason, which the operators' trail keeps, and for the name of what it is about. */
export function ReasonDialog({ title, text, word, action, onClose, onConfirm }: Props) {
  const t = useTranslations('platform.tenant');
  const [reason, setReason] = useState('');
  const given = reason.trim();
  return (
    <ConfirmTyped
      opened
      onClose={onClose}
      title={title}
      word={word}
      action={action}
      ready={given.length >= 3}
      onConfirm={() => onConfirm(given)}
    >
      <Text size="sm" mb="md">
        {text}
      </Text>
      <Textarea
        label={t('reason')}
        description={t('reason_hint')}
        rows={2}
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        data-autofocus
      />
    </ConfirmTyped>
  );
}

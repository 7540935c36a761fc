import { Button, Group, Modal, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslations } from 'use-intl';

interface Props {
  title: string;
  text: string;
  /** The button's text: the verb. */
  action: string;
  onClose: () => void;
  onConfirm: () => Promise<unknown>;
}

/** Asks before something that people feel at once. */
export function ConfirmDialog({ title, text, action, onClose, onConfirm }: Props) {
  const t = useTranslations('common');
  const [busy, setBusy] = useState(false);
  const confirm = () => {
    setBusy(true);
    void onConfirm().finally(onClose);
  };
  return (
    <Modal opened onClose={onClose} title={title}>
      <Text size="sm" c="dimmed">
        {text}
      </Text>
      <Group justify="flex-end" mt="md">
        <Button variant="default" size="sm" onClick={onClose}>
          {t('cancel')}
        </Button>
        <Button color="red" size="sm" loading={busy} onClick={confirm} data-autofocus>
          {action}
        </Button>
      </Group>
    </Modal>
  );
}

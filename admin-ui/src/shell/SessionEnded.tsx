import { Modal, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { useTranslations } from 'use-intl';
import { useMe } from '@/api/queries/me';
import { session } from '@/auth/session';
import { SignInForm } from '@/features/auth/SignInForm';

/** Over the page, when the session ended while it was open: what was typed stays. */
export function SessionEnded() {
  const t = useTranslations('shell.expiry');
  const state = useSyncExternalStore(session.subscribe, () => session.state);
  const client = useQueryClient();
  const me = useMe();
  return (
    <Modal
      opened={state === 'expired'}
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title={t('title')}
    >
      <Text size="sm" c="dimmed" mb="md">
        {t('text')}
      </Text>
      <SignInForm email={me?.email} onDone={() => void client.invalidateQueries()} />
    </Modal>
  );
}

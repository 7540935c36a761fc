import { Modal, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { useMe } from '@/api/queries/me';
import { SignInForm } from '@/features/auth/SignInForm';

/** Over the page, when the session ended while it was open: what was typed stays. */
export default function SessionEnded() {
  const t = useTranslations('shell.expiry');
  const client = useQueryClient();
  const me = useMe();
  return (
    <Modal
      opened
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

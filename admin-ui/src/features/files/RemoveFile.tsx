import { Button, Group, Modal, Text } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { useRemoveFile } from '@/api/queries/files';
import type { FileOut } from '@/api/schema';
import { toastDone } from '@/ui/toast';

export function RemoveFile({ file, onClose }: { file: FileOut; onClose: () => void }) {
  const t = useTranslations('files');
  const tCommon = useTranslations('common');
  const remove = useRemoveFile();
  const confirm = () =>
    remove.mutate(file.id, {
      onSuccess: () => {
        toastDone(t('removed', { name: file.name }));
        onClose();
      },
    });
  return (
    <Modal opened onClose={onClose} title={t('remove', { name: file.name })}>
      <Text size="sm">{t('remove_text')}</Text>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" size="sm" onClick={onClose} data-autofocus>
          {tCommon('cancel')}
        </Button>
        <Button color="red" size="sm" loading={remove.isPending} onClick={confirm}>
          {tCommon('remove')}
        </Button>
      </Group>
    </Modal>
  );
}

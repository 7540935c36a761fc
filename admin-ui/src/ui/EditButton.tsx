import { ActionIcon } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useTranslations } from 'use-intl';

/** A pencil at the end of a row. */
export function EditButton({ name, onClick }: { name: string; onClick: () => void }) {
  const t = useTranslations('common');
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={`${t('edit')}: ${name}`} onClick={onClick}>
      <IconPencil size={15} aria-hidden />
    </ActionIcon>
  );
}

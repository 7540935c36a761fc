import { Button, Group, Modal, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { closeConflict, type Conflict } from './conflict';
import { showProblem } from './toast';

/** Both versions side by side, after a 412. */
export default function ConflictDialog({ conflict }: { conflict: Conflict }) {
  const t = useTranslations('common.conflict');
  const [busy, setBusy] = useState(false);

  const keepMine = async () => {
    setBusy(true);
    await conflict.keepMine?.().catch(showProblem);
    setBusy(false);
    closeConflict();
  };

  return (
    <Modal opened onClose={closeConflict} title={t('title')} size="lg">
      <Text size="sm" c="dimmed" mb="sm">
        {conflict.refused ?? t('text')}
      </Text>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('field')}</Table.Th>
            <Table.Th>{t('mine')}</Table.Th>
            <Table.Th>{t('theirs')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {conflict.fields.map(({ label, mine, theirs }) => (
            <Table.Tr key={label}>
              <Table.Th scope="row">{label}</Table.Th>
              <Table.Td>{mine}</Table.Td>
              <Table.Td>{theirs}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Group justify="flex-end" mt="md">
        {conflict.keepMine && (
          <Button variant="default" onClick={() => void keepMine()} loading={busy}>
            {t('keep_mine')}
          </Button>
        )}
        <Button onClick={closeConflict} data-autofocus>
          {conflict.keepMine ? t('keep_theirs') : t('understood')}
        </Button>
      </Group>
    </Modal>
  );
}

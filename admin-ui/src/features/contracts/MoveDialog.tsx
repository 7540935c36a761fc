import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Step } from '@/api/queries/contracts';
import { CancelFields, whyOf, type Why } from './CancelFields';
import type { Move } from './moves';

interface Props {
  move: Move;
  /** How the contract is called. */
  name: string;
  onClose: () => void;
  onConfirm: (step: Step) => void;
}

/** Asks before a step that has no way back; a cancellation says why. */
export function MoveDialog({ move, name, onClose, onConfirm }: Props) {
  const t = useTranslations('contracts');
  const tc = useTranslations('common');
  const [why, setWhy] = useState<Why>({ reason: null, note: '' });
  const cancels = move === 'cancel';
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    const reason = whyOf(why);
    if (!cancels) onConfirm({ move });
    else if (reason) onConfirm({ move, why: reason });
  };
  return (
    <Modal opened onClose={onClose} title={t(`confirm.${move}_title`, { name })}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Text size="sm" c="dimmed">
            {t(`confirm.${move}_text`)}
          </Text>
          {cancels && <CancelFields value={why} onChange={setWhy} />}
        </Stack>
        <Group justify="flex-end" mt="md">
          <Button variant="default" size="sm" onClick={onClose}>
            {cancels ? t('confirm.keep') : tc('cancel')}
          </Button>
          <Button
            type="submit"
            size="sm"
            color={cancels ? 'red' : undefined}
            disabled={cancels && !why.reason}
            data-autofocus={cancels ? undefined : true}
          >
            {t(`moves.${move}`)}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

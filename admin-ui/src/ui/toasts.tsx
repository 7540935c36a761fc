import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { ProblemText } from './ProblemText';
import type { DoneOptions } from './toast';
import '@mantine/notifications/styles.css';

const UNDO_MS = 8000;

/** Says that something was done, with a way back for a while. */
export function showDone(message: string, { undo, undoLabel }: DoneOptions): void {
  const id = crypto.randomUUID();
  const goBack = () => {
    notifications.hide(id);
    undo?.().catch(showFailed);
  };
  notifications.show({
    id,
    autoClose: undo ? UNDO_MS : 3000,
    withBorder: true,
    message: (
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <Text size="sm">{message}</Text>
        {undo && (
          <Button size="compact-sm" variant="subtle" onClick={goBack}>
            {undoLabel}
          </Button>
        )}
      </Group>
    ),
  });
}

/** Says what went wrong and how to go on. */
export function showFailed(error: unknown): void {
  notifications.show({ color: 'red', withBorder: true, autoClose: 12_000, message: <ProblemText error={error} /> });
}

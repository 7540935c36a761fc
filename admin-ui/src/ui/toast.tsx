import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { ProblemText } from './ProblemText';

const UNDO_MS = 8000;

interface DoneOptions {
  undo?: () => Promise<void>;
  undoLabel?: string;
}

/** Says that something was done, with a way back for a while. */
export function toastDone(message: string, { undo, undoLabel }: DoneOptions = {}): void {
  const id = crypto.randomUUID();
  const goBack = () => {
    notifications.hide(id);
    undo?.().catch(showProblem);
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
export function showProblem(error: unknown): void {
  notifications.show({ color: 'red', withBorder: true, autoClose: 12_000, message: <ProblemText error={error} /> });
}

import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';

interface Props {
  opened: boolean;
  onClose: () => void;
  title: string;
  /** What will happen, and that it cannot be undone. */
  children: ReactNode;
  /** What must be typed, such as the slug. */
  word: string;
  /** The button's text: the verb. */
  action: string;
  /** Whether what else has to be filled in is; a reason, say. */
  ready?: boolean;
  onConfirm: () => Promise<unknown>;
}

/** A step that cannot be undone: its name has to be typed. */
export function ConfirmTyped(props: Props) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={props.title}>
      {props.opened && <Confirm {...props} />}
    </Modal>
  );
}

function Confirm({ onClose, children, word, action, ready = true, onConfirm }: Props) {
  const t = useTranslations('common');
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = (event: React.FormEvent) => {
    event.preventDefault();
    setBusy(true);
    // The mutation shows its own problem; the dialog stays for another try.
    onConfirm().then(onClose, () => setBusy(false));
  };
  return (
    <form onSubmit={submit}>
      {children}
      <TextInput
        mt="md"
        label={t('confirm.type', { word })}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
      />
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={onClose}>
          {t('cancel')}
        </Button>
        <Button type="submit" color="red" disabled={typed !== word || !ready} loading={busy}>
          {action}
        </Button>
      </Group>
    </form>
  );
}

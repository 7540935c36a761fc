import { Button, Group, Modal } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import classes from './form.module.css';

interface Props {
  title: string;
  onClose: () => void;
  onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  /** The button's text: the verb. */
  action: string;
  busy: boolean;
  wide?: boolean;
  children: ReactNode;
}

/** A form over the page. Mount it when it opens, so that it begins afresh. */
export function FormModal({ title, onClose, onSubmit, action, busy, wide = false, children }: Props) {
  const t = useTranslations('common');
  return (
    <Modal opened onClose={onClose} title={title} size={wide ? 620 : 440}>
      <form onSubmit={onSubmit} noValidate={false}>
        <div className={wide ? classes.two : classes.one}>{children}</div>
        <Group justify="flex-end" mt="lg">
          <Button variant="default" size="sm" onClick={onClose}>
            {t('cancel')}
          </Button>
          <Button type="submit" size="sm" loading={busy}>
            {action}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}

/** A field that takes the whole width of a wide form. */
export function Wide({ children }: { children: ReactNode }) {
  return <div className={classes.wide}>{children}</div>;
}

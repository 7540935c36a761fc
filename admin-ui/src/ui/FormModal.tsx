import { Button, Group, Modal } from '@mantine/core';
import { createContext, use, type FormEvent, type ReactNode } from 'react';
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

const Frame = createContext<'modal' | 'page'>('modal');

/** Forms below it stand in the page instead of over it: in a guide, not from a button. */
export function OnPage({ children }: { children: ReactNode }) {
  return <Frame value="page">{children}</Frame>;
}

/** A form over the page, or in it. Mount it when it opens, so that it begins afresh. */
export function FormModal({ title, onClose, onSubmit, action, busy, wide = false, children }: Props) {
  const t = useTranslations('common');
  const inPage = use(Frame) === 'page';
  const form = (
    <form onSubmit={onSubmit}>
      <div className={wide ? classes.two : classes.one}>{children}</div>
      <Group justify="flex-end" mt="lg">
        {!inPage && (
          <Button variant="default" size="sm" onClick={onClose}>
            {t('cancel')}
          </Button>
        )}
        <Button type="submit" size="sm" loading={busy}>
          {action}
        </Button>
      </Group>
    </form>
  );
  if (inPage) return form;
  return (
    <Modal opened onClose={onClose} title={title} size={wide ? 620 : 440}>
      {form}
    </Modal>
  );
}

/** A field that takes the whole width of a wide form. */
export function Wide({ children }: { children: ReactNode }) {
  return <div className={classes.wide}>{children}</div>;
}

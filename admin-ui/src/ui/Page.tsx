import { Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import classes from './page.module.css';

interface Props {
  title: string;
  /** Beside the title, such as a status. */
  aside?: ReactNode;
  /** Buttons on the right; the main one last. */
  actions?: ReactNode;
  /** A second line of controls: filters, views, tabs. */
  toolbar?: ReactNode;
  /** Fills the card without padding, for tables and boards. */
  flush?: boolean;
  children: ReactNode;
}

/** The white card: a title, its actions, and the content. Each screen is one. */
export function Page({ title, aside, actions, toolbar, flush = false, children }: Props) {
  useDocumentTitle(`${title} · Keystead`);
  return (
    <>
      <header className={classes.header}>
        <Title order={1} className={classes.title ?? ''}>
          {title}
        </Title>
        {aside}
        <div className={classes.actions}>{actions}</div>
      </header>
      {toolbar && <div className={classes.toolbar}>{toolbar}</div>}
      <div className={flush ? classes.flush : classes.body}>{children}</div>
    </>
  );
}

import { Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import classes from './public.module.css';

interface Props {
  title: string;
  text?: ReactNode;
  children?: ReactNode;
  /** Below the card. */
  footer?: ReactNode;
  wide?: boolean;
}

/** A page without a session: one card in the middle. */
export function PublicFrame({ title, text, children, footer, wide = false }: Props) {
  useDocumentTitle(`${title} · Keystead`);
  return (
    <main className={classes.frame}>
      <div className={classes.column} data-wide={wide || undefined}>
        <img src="/icon.svg" alt="Keystead" width={36} height={36} />
        <div className={classes.card}>
          <Title order={1}>{title}</Title>
          {text && (
            <Text size="sm" c="dimmed" mt={4} component="div">
              {text}
            </Text>
          )}
          <div className={classes.content}>{children}</div>
        </div>
        {footer && <div className={classes.footer}>{footer}</div>}
      </div>
    </main>
  );
}

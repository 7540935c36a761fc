import { Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './section.module.css';

interface Props {
  title: string;
  text?: ReactNode;
  children: ReactNode;
}

/** A part of a page of settings: what it is on the left, its fields on the right. */
export function FormSection({ title, text, children }: Props) {
  return (
    <section className={classes.section}>
      <div>
        <Title order={2}>{title}</Title>
        {text && (
          <Text size="sm" c="dimmed" mt={4}>
            {text}
          </Text>
        )}
      </div>
      <div className={classes.fields}>{children}</div>
    </section>
  );
}

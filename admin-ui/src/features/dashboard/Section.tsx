import { Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './dashboard.module.css';

export function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className={classes.section}>
      <header className={classes.sectionHead}>
        <Title order={2}>{title}</Title>
        {aside}
      </header>
      {children}
    </section>
  );
}

import { IconCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './onboarding.module.css';

/** What is there already, and the way on. */
export function Done({ text, children }: { text: string; children: ReactNode }) {
  return (
    <div className={classes.done}>
      <p data-tone="green">
        <IconCheck size={15} aria-hidden />
        {text}
      </p>
      <div className={classes.buttons}>{children}</div>
    </div>
  );
}

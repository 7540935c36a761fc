import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import classes from './form.module.css';

/** A page's main action: on a phone, the plus alone. */
export function NewButton({ children, onClick }: { children: string; onClick: () => void }) {
  return (
    <Button aria-label={children} onClick={onClick}>
      <IconPlus size={15} aria-hidden />
      <span className={classes.newText}>{children}</span>
    </Button>
  );
}

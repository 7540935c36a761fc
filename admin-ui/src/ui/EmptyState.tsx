import { Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './states.module.css';

interface Props {
  icon?: ReactNode;
  title: string;
  /** What to do next. */
  children?: ReactNode;
  /** The button that does it. */
  action?: ReactNode;
}

/** Nothing here yet, and how to begin. */
export function EmptyState({ icon, title, children, action }: Props) {
  return (
    <div className={classes.state}>
      {icon && <div className={classes.icon}>{icon}</div>}
      <Title order={2} size="h3">
        {title}
      </Title>
      {children && (
        <Text size="sm" c="dimmed" className={classes.text} component="div">
          {children}
        </Text>
      )}
      {action && <div className={classes.action}>{action}</div>}
    </div>
  );
}

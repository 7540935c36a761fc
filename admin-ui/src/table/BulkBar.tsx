import { ActionIcon, Button } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useTranslations } from 'use-intl';
import { useCommands } from '@/shell/commands';
import { useShortcuts } from '@/shell/shortcuts';
import classes from './table.module.css';
import type { BulkAction } from './types';

interface Props<Row> {
  rows: Row[];
  actions: BulkAction<Row>[];
  onClear: () => void;
}

/** What can be done to the selection: here, by a letter, and in the command palette. */
export function BulkBar<Row>({ rows, actions, onClear }: Props<Row>) {
  const t = useTranslations('common.table');
  const possible = useMemo(
    () => (rows.length === 0 ? [] : actions.filter((action) => action.enabled?.(rows) ?? true)),
    [rows, actions],
  );
  useCommands(
    possible.map((action) => ({
      id: `bulk-${action.id}`,
      label: action.label,
      icon: action.icon,
      group: 'selection',
      run: () => void action.run(rows),
    })),
  );
  useShortcuts(
    possible.flatMap(({ key, label, run }) =>
      key ? [{ keys: key, label, group: 'lists' as const, run: () => void run(rows) }] : [],
    ),
  );
  if (rows.length === 0) return null;
  return (
    <div className={classes.bulk} role="region" aria-label={t('selected', { count: rows.length })}>
      <strong>{t('selected', { count: rows.length })}</strong>
      {possible.map((action) => (
        <Button
          key={action.id}
          className={classes.action}
          variant="default"
          color={action.danger ? 'red' : undefined}
          leftSection={action.icon}
          onClick={() => void action.run(rows)}
        >
          {action.label}
        </Button>
      ))}
      <ActionIcon variant="subtle" color="gray" className={classes.clear} aria-label={t('clear')} onClick={onClear}>
        <IconX size={15} aria-hidden />
      </ActionIcon>
    </div>
  );
}

import { Button, Menu } from '@mantine/core';
import { IconCheck, IconColumns3 } from '@tabler/icons-react';
import { useTranslations } from 'use-intl';
import type { Column } from './types';

type AnyColumn = Pick<Column<never>, 'id' | 'header' | 'fixed'>;

interface Props {
  columns: AnyColumn[];
  shown: AnyColumn[];
  onToggle: (id: string) => void;
}

export default function ColumnMenu({ columns, shown, onToggle }: Props) {
  const t = useTranslations('common.table');
  return (
    <Menu closeOnItemClick={false} position="top-end">
      <Menu.Target>
        <Button variant="subtle" color="gray" size="compact-xs" leftSection={<IconColumns3 size={13} aria-hidden />}>
          {t('columns')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {columns
          .filter((column) => !column.fixed)
          .map((column) => {
            const checked = shown.includes(column);
            return (
              <Menu.Item
                key={column.id}
                role="menuitemcheckbox"
                aria-checked={checked}
                rightSection={checked ? <IconCheck size={14} aria-hidden /> : null}
                onClick={() => onToggle(column.id)}
              >
                {column.header}
              </Menu.Item>
            );
          })}
      </Menu.Dropdown>
    </Menu>
  );
}

import { Menu } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import type { Opening } from '@/ui/OnDemand';
import type { Column } from './types';

type AnyColumn = Pick<Column<never>, 'id' | 'header' | 'fixed'>;

interface Props extends Opening {
  target: ReactElement;
  columns: AnyColumn[];
  shown: AnyColumn[];
  onToggle: (id: string) => void;
}

/** Which columns a table shows. */
export default function ColumnMenu({ target, columns, shown, onToggle, ...opening }: Props) {
  return (
    <Menu closeOnItemClick={false} position="top-end" {...opening}>
      <Menu.Target>{target}</Menu.Target>
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

import { Menu } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import type { Opening } from '@/ui/OnDemand';

interface Props extends Opening {
  target: ReactElement;
  filters: { key: string; label: string; icon?: ReactNode }[];
  onAdd: (key: string) => void;
}

/** What can be filtered by and is not yet. */
export default function AddFilterMenu({ target, filters, onAdd, ...opening }: Props) {
  return (
    <Menu position="bottom-start" {...opening}>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        {filters.map(({ key, label, icon }) => (
          <Menu.Item key={key} leftSection={icon} onClick={() => onAdd(key)}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

import { Menu } from '@mantine/core';
import type { ReactElement } from 'react';
import type { MoreItem } from './MoreMenu';
import type { Opening } from './OnDemand';

interface Props extends Opening {
  target: ReactElement;
  items: MoreItem[];
}

/** See `MoreMenu`. */
export default function MoreMenuItems({ target, items, ...opening }: Props) {
  return (
    <Menu position="bottom-end" {...opening}>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        {items.map(({ id, label, icon, danger, run }) => (
          <Menu.Item key={id} leftSection={icon} onClick={run} {...(danger ? { color: 'red' } : {})}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

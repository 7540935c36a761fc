import { Menu } from '@mantine/core';
import { IconEraser } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { useTranslations } from 'use-intl';
import type { Opening } from '@/ui/OnDemand';

interface Props extends Opening {
  target: ReactElement;
  onErase: () => void;
}

export default function ContactMenu({ target, onErase, ...opening }: Props) {
  const t = useTranslations('contacts.erase');
  return (
    <Menu position="bottom-end" {...opening}>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Item color="red" leftSection={<IconEraser size={15} aria-hidden />} onClick={onErase}>
          {t('action')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

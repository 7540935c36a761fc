import { ActionIcon } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { lazy, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { OnDemand } from './OnDemand';
import { usePhone } from './usePhone';

export interface MoreItem {
  id: string;
  label: string;
  icon: ReactNode;
  danger?: boolean;
  run: () => void;
}

const loadMenu = () => import('./MoreMenuItems');
const MoreMenuItems = lazy(loadMenu);

/** What is done less often, behind three dots. */
export function MoreMenu({ items }: { items: MoreItem[] }) {
  const t = useTranslations('common');
  const phone = usePhone();
  return (
    <OnDemand
      load={loadMenu}
      button={
        <ActionIcon variant="default" size={phone ? 40 : 30} aria-label={t('actions')}>
          <IconDots size={phone ? 18 : 16} aria-hidden />
        </ActionIcon>
      }
      menu={(target, opening) => <MoreMenuItems target={target} items={items} {...opening} />}
    />
  );
}

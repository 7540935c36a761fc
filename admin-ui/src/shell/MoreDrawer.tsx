import { Drawer } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { AccountMenu } from './AccountMenu';
import { useNav } from './nav';
import classes from './shell.module.css';

interface Props {
  open: boolean;
  onClose: () => void;
  onSearch: () => void;
  onShortcuts: () => void;
}

/** What the bar of a phone has no room for: search, every place, and the account. */
export function MoreDrawer({ open, onClose, onSearch, onShortcuts }: Props) {
  const t = useTranslations('shell');
  const nav = useNav();
  const search = () => {
    onClose();
    onSearch();
  };
  return (
    <Drawer opened={open} onClose={onClose} position="bottom" size="auto" title={t('nav.more')}>
      <button type="button" className={classes.search} onClick={search}>
        <IconSearch size={15} aria-hidden />
        <span>{t('palette.open')}</span>
      </button>
      <div className={classes.nav}>
        {nav.map(({ to, name, icon: Icon }) => (
          <Link key={to} to={to} className={classes.link} onClick={onClose}>
            <Icon size={18} stroke={1.6} aria-hidden />
            <span>{t(`nav.${name}`)}</span>
          </Link>
        ))}
      </div>
      <AccountMenu onShortcuts={onShortcuts} />
    </Drawer>
  );
}

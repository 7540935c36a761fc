import { Drawer } from '@mantine/core';
import { IconDots, IconSearch } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { AccountMenu } from './AccountMenu';
import { useNav } from './nav';
import classes from './shell.module.css';

/** The navigation of a phone, within the thumb's reach. */
export default function BottomBar({ onSearch, onShortcuts }: { onSearch: () => void; onShortcuts: () => void }) {
  const t = useTranslations('shell');
  const nav = useNav();
  const [open, setOpen] = useState(false);
  const search = () => {
    setOpen(false);
    onSearch();
  };
  return (
    <>
      <nav aria-label={t('nav.label')} className={classes.bottom}>
        {nav
          .filter(({ onPhone }) => onPhone)
          .slice(0, 4)
          .map(({ to, name, icon: Icon }) => (
            <Link key={to} to={to} className={classes.tab} activeOptions={{ exact: to === '/' || to === '/platform' }}>
              <Icon size={20} stroke={1.6} aria-hidden />
              {t(`nav.${name}`)}
            </Link>
          ))}
        <button type="button" className={classes.tab} onClick={() => setOpen(true)}>
          <IconDots size={20} stroke={1.6} aria-hidden />
          {t('nav.more')}
        </button>
      </nav>
      <Drawer opened={open} onClose={() => setOpen(false)} position="bottom" size="auto" title={t('nav.more')}>
        <button type="button" className={classes.search} onClick={search}>
          <IconSearch size={15} aria-hidden />
          <span>{t('palette.open')}</span>
        </button>
        <div className={classes.nav}>
          {nav.map(({ to, name, icon: Icon }) => (
            <Link key={to} to={to} className={classes.link} onClick={() => setOpen(false)}>
              <Icon size={18} stroke={1.6} aria-hidden />
              <span>{t(`nav.${name}`)}</span>
            </Link>
          ))}
        </div>
        <AccountMenu onShortcuts={onShortcuts} />
      </Drawer>
    </>
  );
}

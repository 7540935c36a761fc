import { Kbd } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { useMe } from '@/api/queries/me';
import { AccountMenu } from './AccountMenu';
import { useNav } from './nav';
import classes from './shell.module.css';

interface Props {
  onSearch: () => void;
  onShortcuts: () => void;
}

export function Sidebar({ onSearch, onShortcuts }: Props) {
  const t = useTranslations('shell');
  const me = useMe();
  const nav = useNav();
  return (
    <header className={classes.side}>
      <div className={classes.workspace}>
        <img src="/icon.svg" alt="" width={22} height={22} />
        <span>{me?.membership?.tenant_name ?? t('console')}</span>
      </div>
      <button type="button" className={classes.search} onClick={onSearch}>
        <IconSearch size={15} stroke={1.8} aria-hidden />
        <span>{t('palette.short')}</span>
        <Kbd size="xs">{isMac() ? '⌘K' : 'Ctrl K'}</Kbd>
      </button>
      <nav aria-label={t('nav.label')} className={classes.nav}>
        {nav.map(({ to, name, icon: Icon, key }) => (
          <Link key={to} to={to} className={classes.link} activeOptions={{ exact: to === '/' || to === '/platform' }}>
            <Icon size={16} stroke={1.6} aria-hidden />
            <span>{t(`nav.${name}`)}</span>
            <span className={classes.hint} aria-hidden>
              G {key.toUpperCase()}
            </span>
          </Link>
        ))}
      </nav>
      <AccountMenu onShortcuts={onShortcuts} />
    </header>
  );
}

function isMac(): boolean {
  return /Mac|iP(hone|ad)/.test(navigator.platform);
}

import { IconDots } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { lazily } from '@/ui/lazily';
import { useNav } from './nav';
import classes from './shell.module.css';

const MoreDrawer = lazily(() => import('./MoreDrawer').then((part) => part.MoreDrawer));

/** The navigation of a phone, within the thumb's reach. */
export function BottomBar({ onSearch, onShortcuts }: { onSearch: () => void; onShortcuts: () => void }) {
  const t = useTranslations('shell');
  const nav = useNav();
  const [open, setOpen] = useState(false);
  // Stays for the drawer to close.
  const [wanted, setWanted] = useState(false);
  const more = () => {
    setWanted(true);
    setOpen(true);
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
        <button type="button" className={classes.tab} onClick={more}>
          <IconDots size={20} stroke={1.6} aria-hidden />
          {t('nav.more')}
        </button>
      </nav>
      {wanted && (
        <MoreDrawer open={open} onClose={() => setOpen(false)} onSearch={onSearch} onShortcuts={onShortcuts} />
      )}
    </>
  );
}

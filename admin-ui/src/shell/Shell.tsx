import { Outlet, useNavigate } from '@tanstack/react-router';
import { Suspense, lazy, useState } from 'react';
import { useTranslations } from 'use-intl';
import { place } from '@/auth/site';
import { usePhone } from '@/ui/usePhone';
import { BottomBar } from './BottomBar';
import { Dialogs } from './Dialogs';
import { OfflineBar } from './OfflineBar';
import { Sidebar } from './Sidebar';
import { useCommands } from './commands';
import { useNav } from './nav';
import { useShortcutListener, useShortcuts } from './shortcuts';
import { useLeaveWhenSignedOut } from './useLeaveWhenSignedOut';
import classes from './shell.module.css';

const Palette = lazy(() => import('./Palette'));
const ShortcutsOverlay = lazy(() => import('./ShortcutsOverlay'));

/** The grey frame around the white card, and what is everywhere: keys, palette, dialogs. */
export function Shell() {
  const t = useTranslations('shell');
  const phone = usePhone();
  const [dialog, setDialog] = useState<'palette' | 'shortcuts' | null>(null);
  const navigate = useNavigate();
  const nav = useNav();
  const close = () => setDialog(null);

  useLeaveWhenSignedOut();
  useShortcutListener();
  useShortcuts([
    { keys: 'mod+k', label: t('shortcuts.palette'), group: 'everywhere', run: () => setDialog('palette') },
    { keys: '?', label: t('shortcuts.help'), group: 'everywhere', run: () => setDialog('shortcuts') },
    ...nav.map(({ key, name, to }) => ({
      keys: `g ${key}`,
      label: t(`nav.${name}`),
      group: 'go' as const,
      run: () => void navigate({ to }),
    })),
  ]);
  useCommands([
    ...nav.map(({ key, name, to, icon: Icon }) => ({
      id: `go-${name}`,
      label: t(`nav.${name}`),
      icon: <Icon size={16} stroke={1.6} aria-hidden />,
      group: 'go' as const,
      keys: `g ${key}`,
      run: () => void navigate({ to }),
    })),
    ...(place.site === 'workspace'
      ? [
          {
            id: 'profile',
            label: t('menu.profile'),
            group: 'go' as const,
            run: () => void navigate({ to: '/profile' }),
          },
        ]
      : []),
  ]);

  return (
    <div className={classes.shell}>
      <a href="#content" className={classes.skip}>
        {t('nav.skip')}
      </a>
      {!phone && <Sidebar onSearch={() => setDialog('palette')} onShortcuts={() => setDialog('shortcuts')} />}
      <main id="content" className={classes.main} tabIndex={-1}>
        <OfflineBar />
        <div className={classes.cardFrame}>
          <Outlet />
        </div>
      </main>
      {phone && <BottomBar onSearch={() => setDialog('palette')} onShortcuts={() => setDialog('shortcuts')} />}
      <Suspense>
        {dialog === 'palette' && <Palette onClose={close} />}
        {dialog === 'shortcuts' && <ShortcutsOverlay onClose={close} />}
      </Suspense>
      <Dialogs />
    </div>
  );
}

import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useMe } from '@/api/queries/me';
import { useRoleName } from '@/ui/useRoleName';
import classes from './shell.module.css';

const AccountDropdown = lazy(() => import('./AccountDropdown'));

/** Who one is; how the screen looks and the way out are behind it. */
export function AccountMenu({ onShortcuts }: { onShortcuts: () => void }) {
  const [wanted, setWanted] = useState(false);
  const button = <AccountButton onClick={() => setWanted(true)} />;
  if (!wanted) return button;
  return (
    <Suspense fallback={button}>
      <AccountDropdown onShortcuts={onShortcuts} />
    </Suspense>
  );
}

/** The button: also the target of the menu, which hands it its own properties. */
export function AccountButton(props: React.ComponentProps<'button'>) {
  const t = useTranslations('shell.menu');
  const me = useMe();
  const roleName = useRoleName();
  if (!me) return null;
  return (
    <button type="button" className={classes.account} aria-haspopup="menu" {...props}>
      <span className="visually-hidden">{t('account')} </span>
      <span className={classes.avatar} aria-hidden>
        {initials(me.name)}
      </span>
      <span className={classes.who}>
        <span>{me.name}</span>
        <span className={classes.role}>{me.membership ? roleName(me.membership.role) : me.email}</span>
      </span>
    </button>
  );
}

function initials(name: string): string {
  const parts = name.trim().split(/\s+/);
  const letters = [parts[0], parts.length > 1 ? parts.at(-1) : ''].map((part) => part?.[0] ?? '');
  return letters.join('').toUpperCase();
}

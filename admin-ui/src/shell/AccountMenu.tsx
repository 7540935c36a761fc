import { Menu, SegmentedControl, useMantineColorScheme } from '@mantine/core';
import { IconKeyboard, IconLogout, IconUser } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { signOut } from '@/auth/signIn';
import { useMe } from '@/api/queries/me';
import { LANGUAGES, chooseLanguage, useLanguage, type Language } from '@/i18n/language';
import { useRoleName } from '@/ui/useRoleName';
import classes from './shell.module.css';

/** Who one is, how the screen looks, and the way out. */
export function AccountMenu({ onShortcuts }: { onShortcuts: () => void }) {
  const t = useTranslations('shell.menu');
  const me = useMe();
  const roleName = useRoleName();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const language = useLanguage();
  if (!me) return null;
  return (
    <Menu position="top-start" width={250} closeOnItemClick>
      <Menu.Target>
        <button type="button" className={classes.account} aria-label={t('account', { name: me.name })}>
          <span className={classes.avatar} aria-hidden>
            {initials(me.name)}
          </span>
          <span className={classes.who}>
            <span>{me.name}</span>
            <span className={classes.role}>{me.membership ? roleName(me.membership.role) : me.email}</span>
          </span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to="/profile" leftSection={<IconUser size={15} aria-hidden />}>
          {t('profile')}
        </Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={15} aria-hidden />} rightSection="?" onClick={onShortcuts}>
          {t('shortcuts')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t('theme')}</Menu.Label>
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label={t('theme')}
          value={colorScheme}
          onChange={(value) => setColorScheme(value as typeof colorScheme)}
          data={(['light', 'dark', 'auto'] as const).map((value) => ({ value, label: t(value) }))}
        />
        <Menu.Label>{t('language')}</Menu.Label>
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label={t('language')}
          value={language}
          onChange={(value) => chooseLanguage(value as Language)}
          data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
        />
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={15} aria-hidden />} onClick={() => void signOut()}>
          {t('sign_out')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function initials(name: string): string {
  const parts = name.trim().split(/\s+/);
  return [parts[0], parts.length > 1 ? parts.at(-1) : '']
    .map((part) => part?.[0] ?? '')
    .join('')
    .toUpperCase();
}

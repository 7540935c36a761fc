import { Menu, SegmentedControl, useMantineColorScheme } from '@mantine/core';
import { IconKeyboard, IconLogout, IconUser } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { signOut } from '@/auth/signIn';
import { place } from '@/auth/site';
import { LANGUAGES, chooseLanguage, useLanguage, type Language } from '@/i18n/language';
import { AccountButton } from './AccountMenu';

/** How the screen looks, and the way out. Open from the start: it is loaded by the click that wants it. */
export default function AccountDropdown({ onShortcuts }: { onShortcuts: () => void }) {
  const t = useTranslations('shell.menu');
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const language = useLanguage();
  return (
    <Menu position="top-start" width={250} defaultOpened>
      <Menu.Target>
        <AccountButton />
      </Menu.Target>
      <Menu.Dropdown>
        {place.site === 'workspace' && (
          <Menu.Item component={Link} to="/profile" leftSection={<IconUser size={15} aria-hidden />}>
            {t('profile')}
          </Menu.Item>
        )}
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

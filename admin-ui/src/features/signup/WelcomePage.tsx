import { Button, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { IconHome, IconLock, IconShieldCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import classes from './welcome.module.css';

const POINTS = [
  ['homes', IconHome],
  ['buyers', IconLock],
  ['trail', IconShieldCheck],
] as const;

/** The public start page. */
export function WelcomePage() {
  const t = useTranslations('signup.welcome');
  useDocumentTitle('Keystead');
  return (
    <main className={classes.page}>
      <header className={classes.top}>
        <img src="/icon.svg" alt="" width={26} height={26} />
        <span>Keystead</span>
        <Button component={Link} to="/sign-in" variant="default" className={classes.signIn ?? ''}>
          {t('sign_in')}
        </Button>
      </header>
      <div className={classes.hero}>
        <Title order={1} className={classes.title ?? ''}>
          {t('title')}
        </Title>
        <p className={classes.text}>{t('text')}</p>
        <Button component={Link} to="/sign-up" size="md">
          {t('start')}
        </Button>
      </div>
      <ul className={classes.points}>
        {POINTS.map(([key, Icon]) => (
          <li key={key}>
            <Icon size={20} stroke={1.6} aria-hidden />
            <h2>{t(`${key}.title`)}</h2>
            <p>{t(`${key}.text`)}</p>
          </li>
        ))}
      </ul>
    </main>
  );
}

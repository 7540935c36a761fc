import { Button, TextInput } from '@mantine/core';
import { useTranslations } from 'use-intl';
import { place, workspaceUrl } from '@/auth/site';
import { PublicFrame } from '@/ui/PublicFrame';
import classes from './auth.module.css';

/** On the public host nobody can log in: a workspace has a host of its own. */
export function FindWorkspace() {
  const t = useTranslations('auth');
  const go = (event: React.FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const slug = String(new FormData(event.currentTarget).get('slug')).trim().toLowerCase();
    if (/^[a-z0-9-]+$/.test(slug)) window.location.assign(workspaceUrl(slug, '/sign-in'));
  };
  return (
    <PublicFrame
      title={t('find.title')}
      footer={
        <>
          {t('no_account')} <a href="/sign-up">{t('sign_up')}</a>
        </>
      }
    >
      <form className={classes.form} onSubmit={go}>
        <TextInput
          name="slug"
          label={t('find.slug')}
          description={t('find.hint')}
          rightSection={<span>.{place.base}</span>}
          rightSectionWidth={100}
          autoCapitalize="none"
          spellCheck={false}
          pattern="[A-Za-z0-9\-]+"
          required
          withAsterisk={false}
          autoFocus
        />
        <Button type="submit" size="sm">
          {t('find.go')}
        </Button>
      </form>
    </PublicFrame>
  );
}

import { IconArrowRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { useCan } from '@/api/queries/me';
import classes from './onboarding.module.css';

/** The way back into the first steps, for as long as there is no contract. */
export function GoOn() {
  const t = useTranslations('onboarding');
  if (!useCan('projects.manage')) return null;
  return (
    <Link to="/onboarding" className={classes.goOn}>
      {t('go_on')} <IconArrowRight size={14} aria-hidden />
    </Link>
  );
}

import { useTranslations } from 'use-intl';
import type { UnitOut } from '@/api/schema';
import type { Layout } from '@/features/projects/useLayout';
import { useFormat } from '@/format/useFormat';
import { toneOf } from '@/ui/StatusBadge';
import classes from './home.module.css';

/** Why a home stands where it stands, and what that means. */
export function WhyStatus({ home, layout }: { home: UnitOut; layout: Layout }) {
  const t = useTranslations('homes.why');
  const format = useFormat();
  const phase = layout.phases.get(home.phase_id);
  const text = () => {
    switch (home.status) {
      case 'not_for_sale':
        return t('not_for_sale', { reason: home.not_for_sale_reason ?? '' });
      case 'unreleased':
        return phase?.released_at
          ? t('unreleased_planned', { phase: phase.name, date: format.instant(phase.released_at, 'datetime') })
          : t('unreleased', { phase: phase?.name ?? '' });
      default:
        return t(home.status);
    }
  };
  return (
    <p className={classes.why} data-tone={toneOf(home.status)}>
      {text()}
    </p>
  );
}

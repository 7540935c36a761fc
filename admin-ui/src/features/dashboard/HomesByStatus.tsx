import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import type { DashboardOut } from '@/api/schema';
import { useFormat } from '@/format/useFormat';
import { toneOf, useStatusWord } from '@/ui/StatusBadge';
import classes from './dashboard.module.css';
import { Section } from './Section';

type Homes = NonNullable<DashboardOut['homes']>;

/** From what can be sold to what cannot. */
const ORDER = ['available', 'offer', 'pending_signature', 'unreleased', 'not_for_sale'];

/** One bar of all homes, coloured by status; each part leads to its homes. */
export function HomesByStatus({ homes, project }: { homes: Homes; project: string | undefined }) {
  const t = useTranslations('dashboard');
  const word = useStatusWord();
  const format = useFormat();
  const parts = homes.toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status));
  return (
    <Section title={t('homes')}>
      <div className={classes.bar} aria-hidden>
        {parts.map(({ status, count }) => (
          <span key={status} data-tone={toneOf(status)} style={{ flexGrow: count }} />
        ))}
      </div>
      <ul className={classes.legend}>
        {parts.map(({ status, count }) => (
          <li key={status}>
            <Link to="/homes" search={{ status, ...(project ? { project } : {}) }} className={classes.legendLink}>
              <span className={classes.swatch} data-tone={toneOf(status)} aria-hidden />
              {word(status)}
              <span className={classes.count}>{format.number(count)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}

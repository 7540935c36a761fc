import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import type { DashboardOut } from '@/api/schema';
import { Money } from '@/format';
import { useFormat } from '@/format/useFormat';
import { StatusBadge } from '@/ui/StatusBadge';
import classes from './dashboard.module.css';
import { Section } from './Section';

type Stages = NonNullable<DashboardOut['contracts']>;

const ORDER = ['draft', 'submitted', 'approved', 'cancelled'];

/** How many contracts stand where, and what they are worth. */
export function ContractStages({ contracts, project }: { contracts: Stages; project: string | undefined }) {
  const t = useTranslations('dashboard');
  const format = useFormat();
  const stages = contracts.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  return (
    <Section title={t('contracts')}>
      {stages.length === 0 ? (
        <p className={classes.quiet}>
          {t('no_contracts')}{' '}
          <Link to="/homes" search={{ status: 'available' }}>
            {t('pick_home')}
          </Link>
        </p>
      ) : (
        <ul className={classes.stages}>
          {stages.map(({ state, count, total }) => (
            <li key={state + total.currency}>
              <Link
                to="/contracts"
                search={{ state, ...(project ? { project_id: project } : {}) }}
                className={classes.stage}
              >
                <StatusBadge status={state} />
                <span className={classes.count}>{format.number(count)}</span>
                <Money value={total} />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

import { useTranslations } from 'use-intl';
import { Bar, LinesSkeleton } from '@/ui/Skeletons';
import classes from './dashboard.module.css';

/** The dashboard's shape while it is coming. */
export function DashboardSkeleton() {
  const t = useTranslations('common');
  return (
    <div className={classes.parts} role="status" aria-label={t('loading')}>
      <div className={classes.figures}>
        {[0, 1, 2, 3].map((figure) => (
          <div key={figure} className={classes.figure}>
            <Bar width="w50" />
            <Bar width="w40" />
          </div>
        ))}
      </div>
      <div className={classes.columns}>
        <div className={classes.column}>
          <div className={classes.section}>
            <LinesSkeleton lines={5} />
          </div>
        </div>
        <div className={classes.section}>
          <LinesSkeleton lines={9} />
        </div>
      </div>
    </div>
  );
}

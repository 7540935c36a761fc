import { Progress } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { tenantUsage } from '@/api/queries/platform';
import type { TenantOut } from '@/api/schema';
import { useFormat } from '@/format/useFormat';
import { ErrorState } from '@/ui/ErrorState';
import { LinesSkeleton } from '@/ui/Skeletons';
import classes from './platform.module.css';

/** What the tenant has, beside what it may have. Counts only. */
export function Usage({ tenant }: { tenant: TenantOut }) {
  const t = useTranslations('platform.tenant');
  const tt = useTranslations('platform.tenants');
  const format = useFormat();
  const usage = useQuery(tenantUsage(tenant.id));
  const { max_file_megabytes: megabytes } = tenant;
  return (
    <section className={classes.section}>
      <div className={classes.sectionHead}>
        <h2>{t('usage')}</h2>
      </div>
      {usage.error && !usage.data ? (
        <ErrorState error={usage.error} onRetry={() => void usage.refetch()} />
      ) : !usage.data ? (
        <LinesSkeleton lines={4} />
      ) : (
        <div className={classes.meters}>
          <Meter
            name={t('members_invited')}
            used={usage.data.members + usage.data.invited}
            limit={tenant.max_members}
            show={format.number}
          />
          <Meter name={tt('projects')} used={usage.data.projects} limit={tenant.max_projects} show={format.number} />
          <Meter
            name={tt('files')}
            used={usage.data.file_bytes}
            limit={megabytes === null ? null : megabytes * 1e6}
            show={format.bytes}
          />
          <Meter name={t('homes')} used={usage.data.units} show={format.number} />
          <Meter name={t('contracts')} used={usage.data.contracts} show={format.number} />
        </div>
      )}
    </section>
  );
}

interface MeterProps {
  name: string;
  used: number;
  /** Null is no limit; absent where there is none to set. */
  limit?: number | null;
  show: (value: number) => string;
}

function Meter({ name, used, limit, show }: MeterProps) {
  const t = useTranslations('platform.tenant');
  const tt = useTranslations('platform.tenants');
  const share = limit ? used / limit : 0;
  return (
    <div className={classes.meter}>
      <span className={classes.meterName}>{name}</span>
      <strong>{show(used)}</strong>
      <span className={classes.quiet}>
        {limit === undefined ? '' : limit === null ? tt('unlimited') : `/ ${show(limit)}`}
      </span>
      {limit ? (
        <Progress
          value={Math.min(100, share * 100)}
          size={4}
          color={share > 1 ? 'red' : share >= 0.9 ? 'yellow' : undefined}
          aria-label={`${name}: ${t('usage_of', { used: show(used), limit: show(limit) })}`}
        />
      ) : (
        <span className={classes.noMeter} />
      )}
      {share > 1 && <span className={classes.over}>{t('over')}</span>}
    </div>
  );
}

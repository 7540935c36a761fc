import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { rowsOf } from '@/api/paging';
import { platformHealth, platformLog, signupList, tenantList } from '@/api/queries/platform';
import { DateTime } from '@/format';
import { ErrorState } from '@/ui/ErrorState';
import { Page } from '@/ui/Page';
import { LinesSkeleton } from '@/ui/Skeletons';
import { StatusBadge } from '@/ui/StatusBadge';
import { Checks } from './HealthPage';
import { useDetailText, useEventWord } from './detail';
import classes from './platform.module.css';

/** What an operator looks at first: who waits, who is there, how it runs, what happened. */
export function OverviewPage() {
  const t = useTranslations('platform.overview');
  return (
    <Page title={t('title')}>
      <div className={classes.overview}>
        <div className={classes.stack}>
          <Waiting />
          <Tenants />
        </div>
        <Health />
        <Latest />
      </div>
    </Page>
  );
}

interface PartProps {
  title: string;
  to: '/platform/signups' | '/platform/tenants' | '/platform/health' | '/platform/log';
  query: { data: unknown; error: Error | null; refetch: () => unknown };
  children: ReactNode;
}

function Part({ title, to, query, children }: PartProps) {
  return (
    <section className={classes.part}>
      <h2>
        <Link to={to}>{title}</Link>
      </h2>
      {query.error && !query.data ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data ? (
        children
      ) : (
        <LinesSkeleton lines={3} />
      )}
    </section>
  );
}

function Waiting() {
  const t = useTranslations('platform.overview');
  const query = useInfiniteQuery(signupList());
  const waiting = rowsOf(query.data).filter(({ state }) => state === 'verified');
  return (
    <Part title={t('signups')} to="/platform/signups" query={query}>
      <p className={classes.lead}>{t('waiting', { count: waiting.length })}</p>
      <ul className={classes.plain}>
        {waiting.slice(0, 5).map(({ id, company_name, created_at }) => (
          <li key={id}>
            <Link to="/platform/signups" search={{ show: 'verified' }}>
              {company_name}
            </Link>
            <span className={classes.quiet}>
              <DateTime at={created_at} as="relative" />
            </span>
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Tenants() {
  const t = useTranslations('platform.overview');
  const query = useInfiniteQuery(tenantList());
  const counts = new Map<string, number>();
  for (const { state } of rowsOf(query.data)) counts.set(state, (counts.get(state) ?? 0) + 1);
  return (
    <Part title={t('tenants')} to="/platform/tenants" query={query}>
      <ul className={classes.plain}>
        {[...counts].map(([state, count]) => (
          <li key={state}>
            <StatusBadge status={state} />
            <strong>
              {count}
              {query.hasNextPage && '+'}
            </strong>
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Health() {
  const t = useTranslations('platform.overview');
  const query = useQuery(platformHealth());
  const down = query.data?.checks.filter(({ up }) => !up).length ?? 0;
  const mail = query.data?.mail;
  return (
    <Part title={t('health')} to="/platform/health" query={query}>
      <p className={classes.lead}>{down === 0 ? t('well') : t('unwell', { count: down })}</p>
      {query.data && <Checks checks={query.data.checks} />}
      {mail && (
        <p className={classes.hint}>
          {t('mail', { count: mail.waiting })}
          {mail.parked > 0 && ` · ${t('parked', { count: mail.parked })}`}
        </p>
      )}
    </Part>
  );
}

function Latest() {
  const t = useTranslations('platform.overview');
  const tl = useTranslations('platform.log');
  const eventWord = useEventWord();
  const detailText = useDetailText();
  const query = useInfiniteQuery(platformLog({}));
  const lines = rowsOf(query.data).slice(0, 12);
  return (
    <div className={classes.wide}>
      <Part title={t('latest')} to="/platform/log" query={query}>
        {lines.length === 0 && <p className={classes.hint}>{t('nothing')}</p>}
        <ul className={classes.latest}>
          {lines.map(({ id, action, actor, detail, at }) => (
            <li key={id}>
              <span className={classes.strong}>{eventWord(action)}</span>
              <span className={classes.cut}>{actor?.name ?? tl('platform')}</span>
              <span className={classes.detail}>{detailText(detail)}</span>
              <DateTime at={at} as="relative" />
            </li>
          ))}
        </ul>
      </Part>
    </div>
  );
}

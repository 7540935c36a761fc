import { Button } from '@mantine/core';
import { IconActivity, IconRefresh } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { platformHealth, platformKeys, replayMail } from '@/api/queries/platform';
import type { CheckOut, HealthOut, ParkedOut } from '@/api/schema';
import { DateTime } from '@/format';
import { useFormat } from '@/format/useFormat';
import { PlainTable } from '@/table/PlainTable';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorState } from '@/ui/ErrorState';
import { Page } from '@/ui/Page';
import { PageSkeleton } from '@/ui/Skeletons';
import { toastDone } from '@/ui/toast';
import classes from './platform.module.css';

/** What the platform needs, and the mail that waits or was given up. */
export function HealthPage() {
  const t = useTranslations('platform.health');
  const query = useQuery(platformHealth());
  return (
    <Page title={t('title')} aside={<span className={classes.quiet}>{t('live')}</span>}>
      {query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data ? (
        <Health health={query.data} />
      ) : (
        <PageSkeleton />
      )}
    </Page>
  );
}

function Health({ health: { checks, mail } }: { health: HealthOut }) {
  const t = useTranslations('platform.health');
  const format = useFormat();
  return (
    <>
      <section className={classes.section}>
        <div className={classes.sectionHead}>
          <h2>{t('checks')}</h2>
        </div>
        {checks.length === 0 ? (
          <EmptyState icon={<IconActivity size={20} stroke={1.6} aria-hidden />} title={t('empty_title')} />
        ) : (
          <Checks checks={checks} />
        )}
      </section>
      <section className={classes.section}>
        <div className={classes.sectionHead}>
          <h2>{t('mail')}</h2>
          {mail.oldest_at && <span>{t('oldest', { ago: format.relative(mail.oldest_at) })}</span>}
        </div>
        <dl className={classes.counts}>
          {(['waiting', 'failing', 'parked'] as const).map((count) => (
            <div key={count} data-bad={(count !== 'waiting' && mail[count] > 0) || undefined}>
              <dt>{t(count)}</dt>
              <dd>{format.number(mail[count])}</dd>
            </div>
          ))}
        </dl>
        <Parked items={mail.parked_items} />
      </section>
    </>
  );
}

export function Checks({ checks }: { checks: CheckOut[] }) {
  const t = useTranslations('platform.health');
  const name = (name: string) => {
    const known = (['database', 'clock', 'kms', 'files', 'disk'] as const).find((known) => known === name);
    return known ? t(`names.${known}`) : name;
  };
  return (
    <ul className={classes.checks}>
      {checks.map((check) => (
        <li key={check.name} data-tone={check.up ? 'green' : 'red'}>
          <span className={classes.dot} aria-hidden />
          <strong>{name(check.name)}</strong>
          <span className={classes.checkState}>{t(check.up ? 'up' : 'down')}</span>
        </li>
      ))}
    </ul>
  );
}

function Parked({ items }: { items: ParkedOut[] }) {
  const t = useTranslations('platform.health');
  const names = useTranslations('platform.health.templates');
  const tc = useTranslations('common');
  const client = useQueryClient();
  const replay = useMutation({
    mutationFn: replayMail,
    onSuccess: () => toastDone(t('replayed')),
    onSettled: () => client.invalidateQueries({ queryKey: platformKeys.health() }),
  });
  if (items.length === 0) return <p className={classes.hint}>{t('no_parked')}</p>;
  return (
    <PlainTable<ParkedOut>
      label={t('parked')}
      query={{ data: items, error: null, refetch: () => undefined }}
      rowId={({ id }) => id}
      columns={[
        {
          id: 'template',
          header: t('template'),
          width: '16%',
          phone: 'title',
          render: ({ template }) =>
            names.has(template as 'invitation') ? names(template as 'invitation') : template.replaceAll('_', ' '),
        },
        { id: 'domain', header: t('domain'), width: '18%', phone: 'meta', render: ({ domain }) => domain },
        { id: 'error', header: t('error'), width: '34%', phone: 'meta', render: ({ error }) => error },
        { id: 'attempts', header: t('attempts'), width: '8%', align: 'end', render: ({ attempts }) => attempts },
        {
          id: 'when',
          header: t('when'),
          width: '12%',
          phone: 'badge',
          render: ({ parked_at }) => <DateTime at={parked_at} as="relative" />,
        },
        {
          id: 'replay',
          header: tc('actions'),
          width: '12%',
          align: 'end',
          phone: 'end',
          render: ({ id }) => (
            <Button
              variant="default"
              size="compact-sm"
              leftSection={<IconRefresh size={13} aria-hidden />}
              loading={replay.isPending && replay.variables === id}
              onClick={() => replay.mutate(id)}
            >
              {t('replay')}
            </Button>
          ),
        },
      ]}
      empty={null}
    />
  );
}

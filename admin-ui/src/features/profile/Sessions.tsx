import { Button, Group } from '@mantine/core';
import { IconDeviceDesktop, IconDeviceMobile } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { sessionsOptions, useEndOtherSessions, useEndSession } from '@/api/queries/sessions';
import type { SessionOut } from '@/api/schema';
import { DateTime } from '@/format';
import { ErrorState } from '@/ui/ErrorState';
import { LinesSkeleton } from '@/ui/Skeletons';
import { toastDone } from '@/ui/toast';
import { deviceOf } from './device';
import classes from './profile.module.css';

/** Where one is signed in, and an end to it. */
export function Sessions() {
  const t = useTranslations('profile');
  const { data, error, refetch } = useQuery(sessionsOptions);
  const endOthers = useEndOtherSessions();
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <LinesSkeleton lines={3} />;
  const others = data.filter((session) => !session.current);
  return (
    <>
      <ul className={classes.sessions}>
        {[...data.filter((session) => session.current), ...others].map((session) => (
          <Session key={session.id} session={session} />
        ))}
      </ul>
      {others.length > 0 ? (
        <Group justify="flex-end">
          <Button
            variant="default"
            loading={endOthers.isPending}
            onClick={() => endOthers.mutate(undefined, { onSuccess: () => toastDone(t('others_ended')) })}
          >
            {t('end_others')}
          </Button>
        </Group>
      ) : (
        <p className={classes.only}>{t('only_this')}</p>
      )}
    </>
  );
}

function Session({ session }: { session: SessionOut }) {
  const t = useTranslations('profile');
  const end = useEndSession();
  const device = deviceOf(session.user_agent);
  const name = device ? t('device', device) : t('unknown_device');
  const Icon = /iPhone|Android/.test(session.user_agent ?? '') ? IconDeviceMobile : IconDeviceDesktop;
  return (
    <li className={classes.session}>
      <Icon size={20} stroke={1.5} aria-hidden />
      <div className={classes.facts}>
        <span className={classes.device}>
          {name}
          {session.current && <span className={classes.here}>{t('this_one')}</span>}
        </span>
        <span className={classes.times}>
          {t('signed_in')} <DateTime at={session.created_at} as="relative" />, {t('last_used')}{' '}
          <DateTime at={session.last_used_at} as="relative" />{' '}
          {session.network && t('from', { network: session.network })}
        </span>
      </div>
      {!session.current && (
        <Button
          variant="subtle"
          color="red"
          size="compact-sm"
          aria-label={t('end_session', { device: name })}
          loading={end.isPending}
          onClick={() => end.mutate(session.id, { onSuccess: () => toastDone(t('ended')) })}
        >
          {t('end')}
        </Button>
      )}
    </li>
  );
}

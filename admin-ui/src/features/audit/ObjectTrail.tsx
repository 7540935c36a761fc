import { Button } from '@mantine/core';
import { IconChevronRight, IconShieldCheck } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { rowsOf } from '@/api/paging';
import { auditEvents } from '@/api/queries/audit';
import type { EventOut } from '@/api/schema';
import { DateTime } from '@/format';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorState } from '@/ui/ErrorState';
import { LinesSkeleton } from '@/ui/Skeletons';
import { Changes } from './Changes';
import { useAuditWords } from './words';
import classes from './audit.module.css';

/** Everything that happened to one record; each event opens to what it changed. */
export function ObjectTrail({ objectId }: { objectId: string }) {
  const t = useTranslations('audit');
  const tc = useTranslations('common');
  const query = useInfiniteQuery(auditEvents({ object_id: objectId }));
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LinesSkeleton lines={4} />;
  const events = rowsOf(query.data);
  if (events.length === 0) {
    return (
      <EmptyState icon={<IconShieldCheck size={20} stroke={1.6} aria-hidden />} title={t('empty.title')}>
        {t('empty.text')}
      </EmptyState>
    );
  }
  return (
    <>
      <ol className={classes.trail}>
        {events.map((event) => (
          <TrailEvent key={event.id} event={event} />
        ))}
      </ol>
      {query.hasNextPage && (
        <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {tc('more')}
        </Button>
      )}
    </>
  );
}

function TrailEvent({ event }: { event: EventOut }) {
  const words = useAuditWords();
  const [open, setOpen] = useState(false);
  return (
    <li className={classes.trailEvent}>
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
        <IconChevronRight size={14} aria-hidden className={classes.chevron} />
        <span className={classes.trailAction}>{words.action(event.action)}</span>
        <span className={classes.trailActor}>{words.actor(event.actor)}</span>
        {event.n !== null && <span className={classes.link}>#{event.n}</span>}
        <DateTime at={event.at} />
      </button>
      {open && (
        <div className={classes.trailChanges}>
          <Changes event={event} />
        </div>
      )}
    </li>
  );
}

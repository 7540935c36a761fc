import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import type { EventOut } from '@/api/schema';
import { useAuditWords } from '@/features/audit/words';
import { DateTime } from '@/format';
import classes from './dashboard.module.css';
import { runsOf } from './runs';
import { Section } from './Section';

/** The newest events of the trail. */
export function Activity({ events }: { events: EventOut[] }) {
  const t = useTranslations('dashboard');
  const words = useAuditWords();
  return (
    <Section title={t('activity')}>
      {events.length === 0 && <p className={classes.quiet}>{t('nothing_yet')}</p>}
      <ol className={classes.events}>
        {runsOf(events).map(({ newest: event, count }) => (
          <li key={event.id}>
            <span className={classes.eventText}>
              {count > 1 ? (
                <span>
                  {words.action(event.action)} ×{count}
                </span>
              ) : (
                <EventLink event={event}>{words.action(event.action)}</EventLink>
              )}
              <span className={classes.actor}>{words.actor(event.actor)}</span>
            </span>
            <span className={classes.when}>
              <DateTime at={event.at} as="relative" />
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}

/** A link to what it happened to, where that has a page. */
function EventLink({ event, children }: { event: EventOut; children: string }) {
  const { id, kind } = event.object;
  if (kind === 'contract')
    return (
      <Link to="/contracts/$contractId" params={{ contractId: id }}>
        {children}
      </Link>
    );
  if (kind === 'unit')
    return (
      <Link to="/homes/$unitId" params={{ unitId: id }}>
        {children}
      </Link>
    );
  if (kind === 'project')
    return (
      <Link to="/projects/$projectId" params={{ projectId: id }}>
        {children}
      </Link>
    );
  return <span>{children}</span>;
}

import { Drawer } from '@mantine/core';
import { IconCalendar, IconFileText, IconHash, IconLink, IconNetwork, IconUser } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import type { EventOut } from '@/api/schema';
import { DateTime } from '@/format';
import { Properties, Property } from '@/ui/RecordPage';
import { Changes } from './Changes';
import { ObjectLink } from './ObjectLink';
import { useAuditWords } from './words';
import classes from './audit.module.css';

const ICON = { size: 14, stroke: 1.6, 'aria-hidden': true } as const;

/** One event: who, when, on what, what changed, and its link of the chain. */
export function EventDrawer({ event, onClose }: { event: EventOut; onClose: () => void }) {
  const t = useTranslations('audit.event');
  const words = useAuditWords();
  return (
    <Drawer opened onClose={onClose} position="right" size={560} title={words.action(event.action)}>
      <Properties>
        <Property icon={<IconUser {...ICON} />} name={t('who')}>
          {words.actor(event.actor)}
        </Property>
        <Property icon={<IconCalendar {...ICON} />} name={t('when')}>
          <DateTime at={event.at} />
        </Property>
        <Property icon={<IconFileText {...ICON} />} name={t('record')}>
          <ObjectLink object={event.object} />
        </Property>
      </Properties>
      <Changes event={event} />
      <div className={classes.proof}>
        <Properties>
          <Property icon={<IconLink {...ICON} />} name={t('chain')}>
            {event.n === null ? t('not_chained') : `#${event.n}`}
          </Property>
          {event.hash && (
            <Property icon={<IconHash {...ICON} />} name={t('hash')}>
              <code className={classes.long}>{event.hash}</code>
            </Property>
          )}
          <Property icon={<IconNetwork {...ICON} />} name={t('request')}>
            <code className={classes.long}>{event.request_id}</code>
          </Property>
        </Properties>
        <Link to="/audit" search={{ object_id: event.object.id }} onClick={onClose}>
          {t('all_of')}
        </Link>
      </div>
    </Drawer>
  );
}

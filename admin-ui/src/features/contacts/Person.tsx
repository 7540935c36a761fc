import { Button } from '@mantine/core';
import {
  IconBuildingCommunity,
  IconCake,
  IconCalendarEvent,
  IconDatabaseOff,
  IconEraser,
  IconEye,
  IconMail,
  IconMapPin,
  IconPhone,
  IconUser,
} from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { auditKeys } from '@/api/queries/audit';
import { revealContact } from '@/api/queries/contacts';
import { useCan } from '@/api/queries/me';
import { everyProject } from '@/api/queries/projects';
import type { AddressOut, ContactOut, PersonalField, RevealOut } from '@/api/schema';
import { CalendarDate, DateTime, Phone } from '@/format';
import { MaskedValue } from '@/ui/MaskedValue';
import { Properties, Property } from '@/ui/RecordPage';
import { showProblem } from '@/ui/toast';
import { lazily } from '@/ui/lazily';
import classes from './contacts.module.css';

const RevealAll = lazily(() => import('./RevealAll').then((part) => part.RevealAll));

const ICON = { size: 15, stroke: 1.6, 'aria-hidden': true } as const;
const FIELDS = [
  ['name', IconUser],
  ['email', IconMail],
  ['phone', IconPhone],
  ['address', IconMapPin],
  ['date_of_birth', IconCake],
] as const satisfies [PersonalField, unknown][];

/** Who it is: masked, each value disclosed for a purpose, or all of them for one. */
export function Person({ contact }: { contact: ContactOut }) {
  const t = useTranslations('contacts');
  const projects = useQuery(everyProject());
  const project = projects.data?.find(({ id }) => id === contact.project_id);
  const mayReveal = useCan('contacts.reveal') && !contact.damaged && !contact.erased_at;
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const known = FIELDS.map(([field]) => field).filter((field) => contact[field] !== null);

  const reveal = async (fields: PersonalField[], purpose: string): Promise<RevealOut> => {
    const out = await revealContact(contact.id, fields, purpose);
    void client.invalidateQueries({ queryKey: auditKeys.all });
    return out;
  };
  const one = (field: PersonalField) => async (purpose: string) => {
    try {
      return shown(field, await reveal([field], purpose));
    } catch (error) {
      showProblem(error);
      throw error;
    }
  };
  return (
    <section className={classes.person} aria-label={t('title_one')}>
      {contact.damaged && <p className={classes.damaged}>{t('damaged')}</p>}
      {contact.erased_at && <p className={classes.erased}>{t('erased.text')}</p>}
      <Properties>
        {FIELDS.filter(([field]) => contact[field] !== null).map(([field, Icon]) => (
          <Property key={field} icon={<Icon {...ICON} />} name={t(`field.${field}`)}>
            <MaskedValue
              field={t(`field.${field}`)}
              masked={contact[field]}
              {...(mayReveal ? { onReveal: one(field) } : {})}
            />
          </Property>
        ))}
        {project && (
          <Property icon={<IconBuildingCommunity {...ICON} />} name={t('field.interested_in')}>
            <Link to="/projects/$projectId" params={{ projectId: project.id }}>
              {project.name}
            </Link>
          </Property>
        )}
        <Property icon={<IconCalendarEvent {...ICON} />} name={t('field.created')}>
          <DateTime at={contact.created_at} as="date" />
        </Property>
        {contact.erased_at && <Erasure at={contact.erased_at} closed={contact.backups_closed_at} />}
      </Properties>
      {mayReveal && known.length > 1 && (
        <Button variant="default" leftSection={<IconEye size={14} aria-hidden />} onClick={() => setAsking(true)}>
          {t('reveal_all')}
        </Button>
      )}
      {asking && (
        <RevealAll
          onReveal={async (purpose) => {
            const out = await reveal(known, purpose);
            return known.map((field) => ({ label: t(`field.${field}`), value: shown(field, out) }));
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </section>
  );
}

/** When they were erased, and when that reached the backups. */
function Erasure({ at, closed }: { at: string; closed: string | null }) {
  const t = useTranslations('contacts.erased');
  return (
    <>
      <Property icon={<IconEraser {...ICON} />} name={t('at')}>
        <DateTime at={at} />
      </Property>
      <Property icon={<IconDatabaseOff {...ICON} />} name={t('backups')}>
        <span role="status">{closed ? <DateTime at={closed} /> : t('closing')}</span>
      </Property>
    </>
  );
}

function shown(field: PersonalField, out: RevealOut): ReactNode {
  switch (field) {
    case 'phone':
      return out.phone && <Phone number={out.phone} />;
    case 'email':
      return out.email && <a href={`mailto:${out.email}`}>{out.email}</a>;
    case 'address':
      return out.address && lineOf(out.address);
    case 'date_of_birth':
      return out.date_of_birth && <CalendarDate date={out.date_of_birth} />;
    case 'name':
      return out.name;
  }
}

function lineOf({ line1, line2, city, region, postal_code, country }: AddressOut): string {
  return [line1, line2, city, [region, postal_code].filter(Boolean).join(' '), country].filter(Boolean).join(', ');
}

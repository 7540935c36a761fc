import { Button } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Versioned } from '@/api/client';
import { contact as contactQuery } from '@/api/queries/contacts';
import { useCan } from '@/api/queries/me';
import type { ContactOut } from '@/api/schema';
import { useShortcuts } from '@/shell/shortcuts';
import { ErrorState } from '@/ui/ErrorState';
import { Page } from '@/ui/Page';
import { PageSkeleton } from '@/ui/Skeletons';
import { StatusBadge } from '@/ui/StatusBadge';
import classes from './contacts.module.css';
import { lazily } from '@/ui/lazily';
import { Person } from './Person';

const EditContact = lazily(() => import('./EditContact').then((part) => part.EditContact));
const ObjectTrail = lazily(() => import('@/features/audit/ObjectTrail').then((part) => part.ObjectTrail));

export function ContactPage({ contactId }: { contactId: string }) {
  const query = useQuery(contactQuery(contactId));
  if (query.data) return <Contact contact={query.data} />;
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <PageSkeleton />;
}

function Contact({ contact }: { contact: Versioned<ContactOut> }) {
  const t = useTranslations('contacts');
  const may = useCan('contacts.manage');
  const mayAudit = useCan('audit.read');
  const [editing, setEditing] = useState(false);
  const edit = () => setEditing(true);
  useShortcuts(may ? [{ keys: 'e', label: t('edit'), group: 'page', run: edit }] : []);
  const { data } = contact;
  return (
    <Page
      title={data.name ?? t('title_one')}
      aside={data.damaged && <StatusBadge status="damaged" tone="red" />}
      actions={
        may && (
          <Button variant="default" leftSection={<IconPencil size={14} aria-hidden />} onClick={edit}>
            {t('edit')}
          </Button>
        )
      }
    >
      <div className={classes.record}>
        <Person key={data.id} contact={data} />
        {mayAudit && (
          <section className={classes.trail}>
            <h2>{t('trail')}</h2>
            <p>{t('trail_text')}</p>
            <ObjectTrail objectId={data.id} />
            <Link to="/audit" search={{ object_kind: 'reveal' }}>
              {t('disclosures')}
            </Link>
          </section>
        )}
      </div>
      {editing && <EditContact contact={contact} onClose={() => setEditing(false)} />}
    </Page>
  );
}

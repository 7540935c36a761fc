import { Button } from '@mantine/core';
import { IconEraser, IconPencil } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Versioned } from '@/api/client';
import { contact as contactQuery } from '@/api/queries/contacts';
import { useCan } from '@/api/queries/me';
import type { ContactOut } from '@/api/schema';
import { useCommands } from '@/shell/commands';
import { useShortcuts } from '@/shell/shortcuts';
import { ErrorState } from '@/ui/ErrorState';
import { MoreMenu } from '@/ui/MoreMenu';
import { Page } from '@/ui/Page';
import { PageSkeleton } from '@/ui/Skeletons';
import { StatusBadge } from '@/ui/StatusBadge';
import classes from './contacts.module.css';
import { lazily } from '@/ui/lazily';
import { Person } from './Person';

const EditContact = lazily(() => import('./EditContact').then((part) => part.EditContact));
const EraseContact = lazily(() => import('./EraseContact').then((part) => part.EraseContact));
const ObjectTrail = lazily(() => import('@/features/audit/ObjectTrail').then((part) => part.ObjectTrail));

export function ContactPage({ contactId }: { contactId: string }) {
  const query = useQuery(contactQuery(contactId));
  if (query.data) return <Contact contact={query.data} />;
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <PageSkeleton />;
}

function Contact({ contact }: { contact: Versioned<ContactOut> }) {
  const t = useTranslations('contacts');
  const { data } = contact;
  const isErased = data.erased_at !== null;
  const may = useCan('contacts.manage') && !isErased;
  const mayErase = useMayErase() && !isErased;
  const mayAudit = useCan('audit.read');
  const [editing, setEditing] = useState(false);
  const [erasing, setErasing] = useState(false);
  const edit = () => setEditing(true);
  const erase = () => setErasing(true);
  useShortcuts(may ? [{ keys: 'e', label: t('edit'), group: 'page', run: edit }] : []);
  useCommands(mayErase ? [{ id: 'erase-contact', label: t('erase.action'), group: 'act', run: erase }] : []);
  return (
    <Page
      title={isErased ? t('erased.title') : (data.name ?? t('title_one'))}
      aside={isErased ? <StatusBadge status="erased" /> : data.damaged && <StatusBadge status="damaged" />}
      actions={
        <>
          {may && (
            <Button variant="default" leftSection={<IconPencil size={14} aria-hidden />} onClick={edit}>
              {t('edit')}
            </Button>
          )}
          {mayErase && (
            <MoreMenu
              items={[
                {
                  id: 'erase',
                  label: t('erase.action'),
                  icon: <IconEraser size={15} aria-hidden />,
                  danger: true,
                  run: erase,
                },
              ]}
            />
          )}
        </>
      }
    >
      <div className={classes.record}>
        <Person key={data.id} contact={data} />
        {mayAudit && (
          <section className={classes.trail}>
            <h2>{t('trail')}</h2>
            <p>{t('trail_text')}</p>
            <ObjectTrail objectId={data.id} />
          </section>
        )}
      </div>
      {erasing && <EraseContact contact={data} onClose={() => setErasing(false)} />}
      {editing && <EditContact contact={contact} onClose={() => setEditing(false)} />}
    </Page>
  );
}

/** Erasing shows what it does to contracts: the API wants all three. */
function useMayErase(): boolean {
  const may = [useCan('contacts.erase'), useCan('contacts.read'), useCan('contracts.read')];
  return may.every(Boolean);
}

import { useDebouncedValue } from '@mantine/hooks';
import { IconAddressBook, IconMail, IconMapPin, IconPhone, IconUser } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { contact, contactList, searchOf } from '@/api/queries/contacts';
import { useCan } from '@/api/queries/me';
import { everyProject } from '@/api/queries/projects';
import type { ContactOut } from '@/api/schema';
import { DateTime } from '@/format';
import { useCommands } from '@/shell/commands';
import { useShortcuts } from '@/shell/shortcuts';
import { DataTable } from '@/table/DataTable';
import type { Column } from '@/table/types';
import { EmptyState } from '@/ui/EmptyState';
import { NewButton } from '@/ui/NewButton';
import { Page } from '@/ui/Page';
import { PlainSelect } from '@/ui/PlainSelect';
import { SearchBox } from '@/ui/SearchBox';
import { StatusBadge } from '@/ui/StatusBadge';
import { lazily } from '@/ui/lazily';
import classes from './contacts.module.css';

const NewContact = lazily(() => import('./ContactForm').then((part) => part.NewContact));

const ICON = { size: 14, stroke: 1.6, 'aria-hidden': true } as const;

/** People who may buy, masked. What one searches for stays in this component: never in the URL. */
export function ContactsPage({ projectId }: { projectId: string | undefined }) {
  const t = useTranslations('contacts');
  const navigate = useNavigate();
  const client = useQueryClient();
  const projects = useQuery(everyProject());
  const may = useCan('contacts.manage');
  const [text, setText] = useState('');
  const [wanted] = useDebouncedValue(text, 250);
  const [creating, setCreating] = useState(false);
  const filters = { ...(projectId ? { project_id: projectId } : {}), ...searchOf(wanted) };
  const query = useInfiniteQuery(contactList(filters));
  const begin = () => setCreating(true);
  const open = ({ id }: ContactOut) => void navigate({ to: '/contacts/$contactId', params: { contactId: id } });
  useCommands(may ? [{ id: 'new-contact', label: t('new'), group: 'act', keys: 'c', run: begin }] : []);
  useShortcuts(may ? [{ keys: 'c', label: t('new'), group: 'page', run: begin }] : []);
  const button = may && <NewButton onClick={begin}>{t('new')}</NewButton>;
  return (
    <Page
      title={t('title')}
      actions={button}
      toolbar={
        <>
          <SearchBox
            label={t('search')}
            hint={t('search_hint')}
            clear={t('search_clear')}
            text={text}
            onText={setText}
          />
          <PlainSelect
            label={t('field.project')}
            value={projectId ?? ''}
            options={[
              { value: '', label: t('all_projects') },
              ...(projects.data ?? []).map(({ id, name }) => ({ value: id, label: name })),
            ]}
            onChange={(project) =>
              void navigate({ to: '/contacts', search: project ? { project } : {}, replace: true })
            }
          />
        </>
      }
      flush
    >
      <DataTable
        id="contacts"
        label={t('title')}
        columns={useColumns()}
        query={query}
        rowId={({ id }) => id}
        rowLabel={({ name }) => name ?? ''}
        onOpen={open}
        onHover={({ id }) => void client.prefetchQuery(contact(id))}
        empty={
          <EmptyState
            icon={<IconAddressBook size={20} stroke={1.6} aria-hidden />}
            title={t(wanted ? 'empty.none' : 'empty.title')}
            action={wanted ? null : button}
          >
            {t(wanted ? 'empty.none_text' : 'empty.text')}
          </EmptyState>
        }
      />
      {creating && <NewContact projectId={projectId} onClose={() => setCreating(false)} onCreated={open} />}
    </Page>
  );
}

function useColumns(): Column<ContactOut>[] {
  const t = useTranslations('contacts.field');
  const projects = useQuery(everyProject());
  const nameOf = (id: string) => projects.data?.find((project) => project.id === id)?.name ?? '';
  return [
    {
      id: 'name',
      header: t('name'),
      icon: <IconUser {...ICON} />,
      width: 'minmax(130px, 1fr)',
      render: ({ name, damaged, erased_at }) =>
        damaged || erased_at ? (
          <StatusBadge status={damaged ? 'damaged' : 'erased'} />
        ) : (
          <span className={classes.name}>{name}</span>
        ),
      phone: 'title',
      fixed: true,
    },
    {
      id: 'email',
      header: t('email'),
      icon: <IconMail {...ICON} />,
      width: 'minmax(150px, 1.2fr)',
      render: ({ email }) => email,
      phone: 'meta',
    },
    {
      id: 'phone',
      header: t('phone'),
      icon: <IconPhone {...ICON} />,
      width: 'minmax(110px, 1fr)',
      render: ({ phone }) => phone,
      phone: 'badge',
    },
    {
      id: 'address',
      header: t('address'),
      icon: <IconMapPin {...ICON} />,
      width: 'minmax(140px, 1.2fr)',
      render: ({ address }) => address,
      phone: 'meta',
    },
    {
      id: 'project',
      header: t('project'),
      width: 'minmax(120px, 1fr)',
      render: ({ project_id }) => nameOf(project_id),
    },
    {
      id: 'created',
      header: t('created'),
      width: '130px',
      render: ({ created_at }) => <DateTime at={created_at} as="date" />,
      phone: 'end',
    },
  ];
}

import { IconCalendar, IconFileText, IconHash, IconShieldCheck, IconTarget, IconUser } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { auditEvents, type AuditFilters } from '@/api/queries/audit';
import { useCan } from '@/api/queries/me';
import { everyMember } from '@/api/queries/members';
import type { EventOut } from '@/api/schema';
import { useProjects } from '@/features/contracts/names';
import { DateTime } from '@/format';
import { DataTable } from '@/table/DataTable';
import { Filters } from '@/table/Filters';
import { SavedViews } from '@/table/SavedViews';
import type { Column } from '@/table/types';
import { EmptyState } from '@/ui/EmptyState';
import { Page } from '@/ui/Page';
import { ObjectLink } from './ObjectLink';
import { changesOf } from './values';
import { KINDS, useAuditWords, useFieldWord } from './words';
import { lazily } from '@/ui/lazily';
import classes from './audit.module.css';

const ChainBar = lazily(() => import('./ChainBar').then((part) => part.ChainBar));
const EventDrawer = lazily(() => import('./EventDrawer').then((part) => part.EventDrawer));

const route = getRouteApi('/_app/audit/');
const ICON = { size: 14, stroke: 1.6, 'aria-hidden': true } as const;

/** Who did what, newest first, and whether the chain holds. */
export function AuditPage() {
  const t = useTranslations('audit');
  const search = route.useSearch();
  const navigate = useNavigate();
  const words = useAuditWords();
  const query = useInfiniteQuery(auditEvents(search));
  const columns = useColumns();
  const [open, setOpen] = useState<EventOut | null>(null);
  const look = (next: AuditFilters) => void navigate({ to: '/audit', search: next });
  const filtered = Object.values(search).some(Boolean);
  return (
    <Page title={t('title')} flush toolbar={<Toolbar search={search} look={look} />}>
      <div className={classes.chainPlace}>
        <ChainBar />
      </div>
      <DataTable<EventOut>
        id="audit"
        label={t('title')}
        columns={columns}
        query={query}
        rowId={({ id }) => id}
        rowLabel={({ action }) => words.action(action)}
        onOpen={setOpen}
        empty={
          <EmptyState
            icon={<IconShieldCheck size={20} stroke={1.6} aria-hidden />}
            title={t(filtered ? 'empty.filtered_title' : 'empty.title')}
          >
            {t(filtered ? 'empty.filtered_text' : 'empty.text')}
          </EmptyState>
        }
      />
      {open && <EventDrawer event={open} onClose={() => setOpen(null)} />}
    </Page>
  );
}

function Toolbar({ search, look }: { search: AuditFilters; look: (search: AuditFilters) => void }) {
  const t = useTranslations('audit.filters');
  const words = useAuditWords();
  const members = useQuery({ ...everyMember(), enabled: useCan('members.read') }).data;
  return (
    <Filters
      filters={[
        {
          key: 'object_kind',
          label: t('kind'),
          icon: <IconFileText {...ICON} />,
          options: KINDS.map((kind) => ({ value: kind, label: words.kind(kind) })),
        },
        ...(members
          ? [
              {
                key: 'actor' as const,
                label: t('actor'),
                icon: <IconUser {...ICON} />,
                options: members.map(({ id, name }) => ({ value: id, label: name })),
              },
            ]
          : []),
        { key: 'action', label: t('action'), icon: <IconTarget {...ICON} /> },
        { key: 'object_id', label: t('object'), icon: <IconHash {...ICON} /> },
      ]}
      values={search}
      onChange={(key, value) => look({ ...search, [key]: value })}
      onClear={() => look({})}
    >
      <SavedViews list="audit" search={{ ...search }} onApply={(view) => look(view as AuditFilters)} />
    </Filters>
  );
}

function useColumns(): Column<EventOut>[] {
  const t = useTranslations('audit.columns');
  const fieldsOf = useFieldsOf();
  const words = useAuditWords();
  const projects = useProjects();
  return [
    {
      id: 'action',
      header: t('action'),
      icon: <IconTarget {...ICON} />,
      width: 'minmax(190px, 1.2fr)',
      phone: 'title',
      fixed: true,
      render: ({ action }) => <span className={classes.action}>{words.action(action)}</span>,
    },
    {
      id: 'actor',
      header: t('actor'),
      icon: <IconUser {...ICON} />,
      width: 'minmax(130px, 0.9fr)',
      phone: 'meta',
      render: ({ actor }) => <span className={classes.cut}>{words.actor(actor)}</span>,
    },
    {
      id: 'object',
      header: t('object'),
      icon: <IconFileText {...ICON} />,
      width: 'minmax(150px, 0.9fr)',
      render: ({ object }) => <ObjectLink object={object} />,
    },
    {
      id: 'changes',
      header: t('changes'),
      width: 'minmax(180px, 1.6fr)',
      render: (event) => <span className={classes.fields}>{fieldsOf(event)}</span>,
    },
    {
      id: 'project',
      header: t('project'),
      width: 'minmax(100px, 0.7fr)',
      optional: projects.size < 2,
      render: ({ project_id }) => (project_id ? projects.get(project_id)?.name : null),
    },
    {
      id: 'at',
      header: t('at'),
      icon: <IconCalendar {...ICON} />,
      width: 'minmax(170px, 0.9fr)',
      phone: 'end',
      render: ({ at }) => <DateTime at={at} />,
    },
    {
      id: 'n',
      header: t('n'),
      icon: <IconHash {...ICON} />,
      width: '84px',
      align: 'end',
      phone: 'badge',
      render: ({ n }) => n !== null && <span className={classes.link}>#{n}</span>,
    },
  ];
}

/** The fields that an event changed, by name. */
function useFieldsOf(): (event: EventOut) => string {
  const word = useFieldWord();
  return (event) =>
    event.before === null
      ? ''
      : changesOf(event)
          .map(({ field }) => word(field))
          .join(', ');
}

import { Button, Menu, ActionIcon } from '@mantine/core';
import { IconCalendarEvent, IconDots, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { useCan } from '@/api/queries/me';
import { phasesOf } from '@/api/queries/phases';
import { board } from '@/api/queries/units';
import type { CellOut, PhaseOut, ProjectOut } from '@/api/schema';
import { DateTime } from '@/format';
import { PlainTable } from '@/table/PlainTable';
import type { Column } from '@/table/types';
import { EmptyState } from '@/ui/EmptyState';
import { StatusBadge } from '@/ui/StatusBadge';
import { usePhasePatch } from './usePhasePatch';
import { lazily } from '@/ui/lazily';
import classes from './projects.module.css';

const EditPhase = lazily(() => import('./PhaseForm').then((part) => part.EditPhase));
const NewPhase = lazily(() => import('./PhaseForm').then((part) => part.NewPhase));

export function PhasesTab({ project }: { project: ProjectOut }) {
  const t = useTranslations('projects');
  const navigate = useNavigate();
  const query = useQuery(phasesOf(project.id));
  const may = useCan('projects.manage');
  const [form, setForm] = useState<PhaseOut | 'new' | null>(null);
  const button = may && (
    <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setForm('new')}>
      {t('phases.new')}
    </Button>
  );
  return (
    <>
      {query.data && query.data.length > 0 && <div className={classes.head}>{button}</div>}
      <PlainTable
        label={t('tab.phases')}
        columns={useColumns(project, may ? setForm : undefined)}
        query={query}
        rowId={(phase) => phase.id}
        onOpen={(phase) => void navigate({ to: '/homes', search: { project: project.id, phase: phase.id } })}
        empty={
          <EmptyState
            icon={<IconCalendarEvent size={20} stroke={1.6} aria-hidden />}
            title={t('phases.empty')}
            action={button}
          >
            {t('phases.empty_text')}
          </EmptyState>
        }
      />
      {form === 'new' && <NewPhase project={project} onClose={() => setForm(null)} />}
      {form && form !== 'new' && <EditPhase phase={form} project={project} onClose={() => setForm(null)} />}
    </>
  );
}

/** Released, to be released, or not. */
export function Release({ phase, zone }: { phase: PhaseOut; zone: string }) {
  const [now] = useState(Date.now);
  if (!phase.released_at) return <StatusBadge status="unreleased" />;
  const planned = Date.parse(phase.released_at) > now;
  return (
    <>
      <StatusBadge status={planned ? 'planned' : 'released'} tone={planned ? 'blue' : 'green'} />
      <span className={classes.meta}>
        <DateTime at={phase.released_at} as={planned ? 'datetime' : 'date'} timeZone={zone} />
      </span>
    </>
  );
}

function useColumns(project: ProjectOut, onEdit: ((phase: PhaseOut) => void) | undefined): Column<PhaseOut>[] {
  const t = useTranslations('projects.field');
  const homes = useQuery(board(project.id)).data?.items;
  return [
    { id: 'name', header: t('name'), width: '34%', render: (phase) => <strong>{phase.name}</strong>, phone: 'title' },
    {
      id: 'release',
      header: t('release'),
      width: '38%',
      render: (phase) => (
        <span className={classes.release}>
          <Release phase={phase} zone={project.time_zone} />
        </span>
      ),
      phone: 'meta',
    },
    {
      id: 'homes',
      header: t('homes'),
      width: '14%',
      align: 'end',
      render: (phase) => <FreeOf homes={homes?.filter(({ phase_id }) => phase_id === phase.id)} />,
      phone: 'badge',
    },
    {
      id: 'actions',
      header: '',
      width: '48px',
      align: 'end',
      render: (phase) => (onEdit ? <PhaseMenu phase={phase} onEdit={() => onEdit(phase)} /> : null),
      phone: 'end',
    },
  ];
}

/** How many of some homes are free. */
export function FreeOf({ homes }: { homes: CellOut[] | undefined }) {
  const t = useTranslations('projects.overview');
  if (!homes) return null;
  const free = homes.filter(({ status }) => status === 'available').length;
  return <span className={classes.meta}>{t('free_of', { free, all: homes.length })}</span>;
}

function PhaseMenu({ phase, onEdit }: { phase: PhaseOut; onEdit: () => void }) {
  const t = useTranslations('projects');
  const patch = usePhasePatch(phase);
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`${t('field.actions')}: ${phase.name}`}>
          <IconDots size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {phase.released_at === null ? (
          <Menu.Item onClick={() => patch.mutate({ released_at: new Date().toISOString() })}>
            {t('phases.release_now')}
          </Menu.Item>
        ) : (
          <Menu.Item onClick={() => patch.mutate({ released_at: null })}>{t('phases.take_back')}</Menu.Item>
        )}
        <Menu.Item onClick={onEdit}>{t('phases.edit')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

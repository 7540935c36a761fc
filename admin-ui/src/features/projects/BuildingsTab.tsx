import { Button } from '@mantine/core';
import { IconBuilding, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { buildingsOf } from '@/api/queries/buildings';
import { useCan } from '@/api/queries/me';
import { board } from '@/api/queries/units';
import type { BuildingOut, ProjectOut } from '@/api/schema';
import { useFormat } from '@/format/useFormat';
import { PlainTable } from '@/table/PlainTable';
import type { Column } from '@/table/types';
import { EditButton } from '@/ui/EditButton';
import { EmptyState } from '@/ui/EmptyState';
import { FreeOf } from './PhasesTab';
import { lazily } from '@/ui/lazily';
import classes from './projects.module.css';

const EditBuilding = lazily(() => import('./BuildingForm').then((part) => part.EditBuilding));
const NewBuilding = lazily(() => import('./BuildingForm').then((part) => part.NewBuilding));

export function BuildingsTab({ project }: { project: ProjectOut }) {
  const t = useTranslations('projects');
  const navigate = useNavigate();
  const query = useQuery(buildingsOf(project.id));
  const may = useCan('projects.manage');
  const [form, setForm] = useState<BuildingOut | 'new' | null>(null);
  const button = may && (
    <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setForm('new')}>
      {t('buildings.new')}
    </Button>
  );
  return (
    <>
      {query.data && query.data.length > 0 && <div className={classes.head}>{button}</div>}
      <PlainTable
        label={t('tab.buildings')}
        columns={useColumns(project, may ? setForm : undefined)}
        query={query}
        rowId={(building) => building.id}
        onOpen={(building) =>
          void navigate({ to: '/homes', search: { project: project.id, building: building.id, view: 'board' } })
        }
        empty={
          <EmptyState
            icon={<IconBuilding size={20} stroke={1.6} aria-hidden />}
            title={t('buildings.empty')}
            action={button}
          >
            {t('buildings.empty_text')}
          </EmptyState>
        }
      />
      {form === 'new' && <NewBuilding projectId={project.id} onClose={() => setForm(null)} />}
      {form && form !== 'new' && <EditBuilding building={form} onClose={() => setForm(null)} />}
    </>
  );
}

function useColumns(project: ProjectOut, onEdit: ((building: BuildingOut) => void) | undefined): Column<BuildingOut>[] {
  const t = useTranslations('projects.field');
  const format = useFormat();
  const homes = useQuery(board(project.id)).data?.items;
  return [
    {
      id: 'name',
      header: t('name'),
      width: '46%',
      render: (building) => <strong>{building.name}</strong>,
      phone: 'title',
    },
    {
      id: 'floors',
      header: t('floors'),
      width: '16%',
      align: 'end',
      render: (building) => (building.floors === null ? null : format.number(building.floors)),
    },
    {
      id: 'homes',
      header: t('homes'),
      width: '26%',
      align: 'end',
      render: (building) => <FreeOf homes={homes?.filter(({ building_id }) => building_id === building.id)} />,
      phone: 'meta',
    },
    {
      id: 'actions',
      header: '',
      width: '48px',
      align: 'end',
      render: (building) => (onEdit ? <EditButton name={building.name} onClick={() => onEdit(building)} /> : null),
      phone: 'end',
    },
  ];
}

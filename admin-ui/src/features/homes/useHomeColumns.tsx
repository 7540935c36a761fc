import {
  IconBed,
  IconBuilding,
  IconBuildingCommunity,
  IconCalendarEvent,
  IconCoin,
  IconHash,
  IconLayout,
  IconMapPin,
  IconRuler2,
  IconStairs,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { everyProject } from '@/api/queries/projects';
import type { UnitOut } from '@/api/schema';
import type { Layout } from '@/features/projects/useLayout';
import { Money } from '@/format';
import { useFormat } from '@/format/useFormat';
import type { Column } from '@/table/types';
import { StatusBadge } from '@/ui/StatusBadge';
import { STATUSES } from './tally';
import { roomsOf } from './useFacts';
import classes from './homes.module.css';

const ICON = { size: 14, stroke: 1.6, 'aria-hidden': true } as const;

/** What a home's row says. Names of buildings and plans need a project: over all projects they are left out. */
export function useHomeColumns(layout: Layout, projectId: string | undefined): Column<UnitOut>[] {
  const t = useTranslations('homes.field');
  const tShort = useTranslations('homes.short');
  const format = useFormat();
  const projects = useQuery(everyProject());
  const named = (name: string | undefined) => name ?? '';
  const projectOf = (home: UnitOut) => named(projects.data?.find(({ id }) => id === home.project_id)?.name);
  const buildingOf = (home: UnitOut) => named(home.building_id ? layout.buildings.get(home.building_id)?.name : '');
  const planOf = (home: UnitOut) => named(home.plan_id ? layout.plans.get(home.plan_id)?.name : '');
  const phaseOf = (home: UnitOut) => named(layout.phases.get(home.phase_id)?.name);
  const number: Column<UnitOut> = {
    id: 'number',
    header: t('number'),
    icon: <IconHash {...ICON} />,
    width: 'minmax(90px, 1fr)',
    render: (home) => <span className={classes.number}>{home.number}</span>,
    sortBy: (home) => home.number,
    phone: 'title',
    fixed: true,
  };
  const status: Column<UnitOut> = {
    id: 'status',
    header: t('status'),
    width: '156px',
    render: (home) => <StatusBadge status={home.status} />,
    sortBy: (home) => STATUSES.indexOf(home.status),
    phone: 'badge',
  };
  const text = (
    id: string,
    header: string,
    icon: React.ReactNode,
    width: string,
    value: (home: UnitOut) => string,
  ): Column<UnitOut> => ({ id, header, icon, width, render: value, sortBy: value });
  const figure = (
    id: string,
    header: string,
    icon: React.ReactNode,
    value: (home: UnitOut) => number | null,
  ): Column<UnitOut> => ({
    id,
    header,
    icon,
    width: 'minmax(96px, 0.7fr)',
    align: 'end',
    render: (home) => {
      const known = value(home);
      return known === null ? null : <span className={classes.figures}>{format.number(known)}</span>;
    },
    sortBy: (home) => value(home) ?? -1,
  });
  const price: Column<UnitOut> = {
    id: 'price',
    header: t('price'),
    icon: <IconCoin {...ICON} />,
    width: 'minmax(110px, 1fr)',
    align: 'end',
    render: (home) => <Money value={home.price} />,
    sortBy: (home) => home.price.amount_minor,
    phone: 'end',
  };
  const facts: Column<UnitOut> = {
    ...text('plan', t('plan_id'), <IconLayout {...ICON} />, 'minmax(110px, 1fr)', planOf),
    phone: 'meta',
  };
  const floor: Column<UnitOut> = {
    ...figure('floor', t('floor'), <IconStairs {...ICON} />, (home) => home.floor),
    width: '84px',
  };
  const address = {
    ...text('address', t('address'), <IconMapPin {...ICON} />, 'minmax(220px, 2fr)', (home) => home.address ?? ''),
    ...(projectId ? { optional: true } : { phone: 'meta' as const }),
  };
  const inProject = [
    {
      ...text('building', t('building_id'), <IconBuilding {...ICON} />, 'minmax(110px, 1fr)', buildingOf),
      phone: 'meta' as const,
    },
    floor,
    facts,
  ];
  const overAll = [
    text('project', t('project'), <IconBuildingCommunity {...ICON} />, 'minmax(130px, 1fr)', projectOf),
    floor,
  ];
  return [
    number,
    status,
    ...(projectId ? inProject : overAll),
    figure('bedrooms', t('bedrooms'), <IconBed {...ICON} />, (home) => roomsOf(home, layout).beds),
    figure('square_feet', tShort('area'), <IconRuler2 {...ICON} />, (home) => roomsOf(home, layout).area),
    price,
    ...(projectId
      ? [text('phase', t('phase_id'), <IconCalendarEvent {...ICON} />, 'minmax(110px, 1fr)', phaseOf)]
      : []),
    address,
    { ...text('parcel', t('parcel'), null, '130px', (home) => home.parcel ?? ''), optional: true },
    {
      ...text('reason', t('not_for_sale_reason'), null, 'minmax(160px, 1fr)', (home) => home.not_for_sale_reason ?? ''),
      optional: true,
    },
  ];
}

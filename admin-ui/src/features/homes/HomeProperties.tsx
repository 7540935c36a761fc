import {
  IconBan,
  IconBath,
  IconBed,
  IconBuilding,
  IconBuildingCommunity,
  IconCalendarEvent,
  IconCoin,
  IconLayout,
  IconMapPin,
  IconMap2,
  IconRuler2,
  IconStairs,
  IconWall,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { everyProject } from '@/api/queries/projects';
import type { UnitOut } from '@/api/schema';
import type { Layout } from '@/features/projects/useLayout';
import { DateTime, Money } from '@/format';
import { useFormat } from '@/format/useFormat';
import { Properties, Property } from '@/ui/RecordPage';
import { roomsOf } from './useFacts';

const ICON = { size: 15, stroke: 1.6, 'aria-hidden': true } as const;

/** What is known of a home; what is not is left out. */
export function HomeProperties({ home, layout }: { home: UnitOut; layout: Layout }) {
  const t = useTranslations('homes');
  const format = useFormat();
  const projects = useQuery(everyProject());
  const project = projects.data?.find(({ id }) => id === home.project_id);
  const phase = layout.phases.get(home.phase_id);
  const building = home.building_id ? layout.buildings.get(home.building_id) : undefined;
  const plan = home.plan_id ? layout.plans.get(home.plan_id) : undefined;
  const elevation = home.elevation_id ? layout.elevations.get(home.elevation_id) : undefined;
  const { beds, baths, area } = roomsOf(home, layout);
  const params = { projectId: home.project_id };
  const perFoot = area ? { ...home.price, amount_minor: Math.round(home.price.amount_minor / area / 100) * 100 } : null;
  return (
    <>
      <Properties title={t('record.sale')}>
        <Property icon={<IconCoin {...ICON} />} name={t('field.price')}>
          <Money value={home.price} />
        </Property>
        {perFoot && (
          <Property icon={<IconRuler2 {...ICON} />} name={t('field.price_per_foot')}>
            <Money value={perFoot} />
          </Property>
        )}
        {home.not_for_sale_reason && (
          <Property icon={<IconBan {...ICON} />} name={t('peek.keep')}>
            {home.not_for_sale_reason}
          </Property>
        )}
        {phase && (
          <Property icon={<IconCalendarEvent {...ICON} />} name={t('field.phase_id')}>
            <Link to="/projects/$projectId" params={params} search={{ tab: 'phases' }}>
              {phase.name}
            </Link>
          </Property>
        )}
      </Properties>
      <Properties title={t('record.place')}>
        {project && (
          <Property icon={<IconBuildingCommunity {...ICON} />} name={t('field.project')}>
            <Link to="/projects/$projectId" params={params}>
              {project.name}
            </Link>
          </Property>
        )}
        {building && (
          <Property icon={<IconBuilding {...ICON} />} name={t('field.building_id')}>
            <Link to="/homes" search={{ project: home.project_id, building: building.id, view: 'board' }}>
              {building.name}
            </Link>
          </Property>
        )}
        {home.floor !== null && (
          <Property icon={<IconStairs {...ICON} />} name={t('field.floor')}>
            {format.number(home.floor)}
          </Property>
        )}
        {home.address && (
          <Property icon={<IconMapPin {...ICON} />} name={t('field.address')}>
            {home.address}
          </Property>
        )}
        {home.parcel && (
          <Property icon={<IconMap2 {...ICON} />} name={t('field.parcel')}>
            {home.parcel}
          </Property>
        )}
      </Properties>
      <Properties title={t('record.home')}>
        {plan && (
          <Property icon={<IconLayout {...ICON} />} name={t('field.plan_id')}>
            <Link to="/projects/$projectId/plans/$planId" params={{ ...params, planId: plan.id }}>
              {plan.name}
            </Link>
          </Property>
        )}
        {elevation && (
          <Property icon={<IconWall {...ICON} />} name={t('field.elevation_id')}>
            {elevation.name}
          </Property>
        )}
        {beds !== null && (
          <Property icon={<IconBed {...ICON} />} name={t('field.bedrooms')}>
            {format.number(beds)}
          </Property>
        )}
        {baths !== null && (
          <Property icon={<IconBath {...ICON} />} name={t('field.bathrooms')}>
            {format.number(baths)}
          </Property>
        )}
        {area !== null && (
          <Property icon={<IconRuler2 {...ICON} />} name={t('short.area')}>
            {format.number(area)}
          </Property>
        )}
        <Property icon={<IconCalendarEvent {...ICON} />} name={t('field.created')}>
          <DateTime at={home.created_at} as="date" />
        </Property>
      </Properties>
    </>
  );
}

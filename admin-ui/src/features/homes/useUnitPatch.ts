import { useTranslations } from 'use-intl';
import { api, versioned } from '@/api/client';
import { patchUnit, unitKeys } from '@/api/queries/units';
import type { UnitOut, UnitPatch } from '@/api/schema';
import { useVersionedPatch } from '@/api/versionedPatch';
import { useFormat } from '@/format/useFormat';
import type { Layout } from '@/features/projects/useLayout';

const NONE = '–';

/** Changes a home; a conflict shows names instead of ids. */
export function useUnitPatch(id: string, layout: Layout) {
  const t = useTranslations('homes.field');
  const format = useFormat();
  const named: Partial<Record<keyof UnitPatch, (value: string) => string | undefined>> = {
    phase_id: (value) => layout.phases.get(value)?.name,
    building_id: (value) => layout.buildings.get(value)?.name,
    plan_id: (value) => layout.plans.get(value)?.name,
    elevation_id: (value) => layout.elevations.get(value)?.name,
  };
  return useVersionedPatch<UnitOut, UnitPatch>({
    queryKey: unitKeys.one(id),
    read: () => versioned(api.GET('/v1/units/{id}', { params: { path: { id } } })),
    write: patchUnit(id),
    invalidates: [
      [...unitKeys.all, 'list'],
      [...unitKeys.all, 'every'],
    ],
    label: (field) => t(field),
    show: (field, value) => {
      if (value === null || value === undefined) return NONE;
      if (field === 'price') return format.money(value as UnitOut['price']);
      return named[field]?.(String(value)) ?? String(value);
    },
  });
}

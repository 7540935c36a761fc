import { useTranslations } from 'use-intl';
import { api, versioned } from '@/api/client';
import { patchPhase, phaseKeys } from '@/api/queries/phases';
import { unitKeys } from '@/api/queries/units';
import type { PhaseOut, PhasePatch } from '@/api/schema';
import { useVersionedPatch } from '@/api/versionedPatch';
import { useFormat } from '@/format/useFormat';

/** Changes a phase; its release changes what its homes are. */
export function usePhasePatch({ id, project_id }: PhaseOut) {
  const t = useTranslations('projects');
  const format = useFormat();
  return useVersionedPatch<PhaseOut, PhasePatch>({
    queryKey: phaseKeys.one(id),
    read: () => versioned(api.GET('/v1/phases/{id}', { params: { path: { id } } })),
    write: patchPhase(id),
    invalidates: [phaseKeys.of(project_id), unitKeys.all],
    label: (field) => t(field === 'name' ? 'field.name' : 'field.release'),
    show: (field, value) => {
      if (field === 'name') return String(value);
      return value ? format.instant(String(value)) : t('phases.unreleased');
    },
  });
}

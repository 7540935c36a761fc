import { useTranslations } from 'use-intl';
import { versioned, api } from '@/api/client';
import { patchProject, projectKeys } from '@/api/queries/projects';
import type { ProjectOut, ProjectPatch } from '@/api/schema';
import { useVersionedPatch } from '@/api/versionedPatch';

export function useProjectPatch(id: string) {
  const t = useTranslations('projects.field');
  return useVersionedPatch<ProjectOut, ProjectPatch>({
    queryKey: projectKeys.one(id),
    read: () => versioned(api.GET('/v1/projects/{id}', { params: { path: { id } } })),
    write: patchProject(id),
    invalidates: [projectKeys.list(), projectKeys.every()],
    label: (field) => t(field),
  });
}

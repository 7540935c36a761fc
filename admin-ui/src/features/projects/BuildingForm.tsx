import { NumberInput, TextInput } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, idempotencyKey, versioned } from '@/api/client';
import { buildingKeys, patchBuilding, useCreateBuilding } from '@/api/queries/buildings';
import type { BuildingOut, BuildingPatch } from '@/api/schema';
import { useVersionedPatch } from '@/api/versionedPatch';
import { FormModal } from '@/ui/FormModal';
import { changesOf, useSend } from '@/ui/useSend';

const KINDS = { 'building-name-taken': 'name' };
type Values = { name: string; floors: number | string };

export function NewBuilding({ projectId, onClose }: { projectId: string; onClose: () => void }) {
  const t = useTranslations('projects');
  const tCommon = useTranslations('common');
  const [key] = useState(idempotencyKey);
  const create = useCreateBuilding();
  const form = useForm<Values>({ initialValues: { name: '', floors: '' } });
  const { busy, send } = useSend(form, { onDone: onClose, kinds: KINDS });
  const submit = (values: Values) =>
    send(() => create.mutateAsync({ key, body: { project_id: projectId, ...bodyOf(values) } }));
  return (
    <FormModal
      title={t('buildings.new')}
      onClose={onClose}
      action={tCommon('create')}
      busy={busy}
      onSubmit={form.onSubmit((values) => void submit(values))}
    >
      <Fields form={form} />
    </FormModal>
  );
}

export function EditBuilding({ building, onClose }: { building: BuildingOut; onClose: () => void }) {
  const t = useTranslations('projects');
  const tCommon = useTranslations('common');
  const { id } = building;
  const patch = useVersionedPatch<BuildingOut, BuildingPatch>({
    queryKey: buildingKeys.one(id),
    read: () => versioned(api.GET('/v1/buildings/{id}', { params: { path: { id } } })),
    write: patchBuilding(id),
    invalidates: [buildingKeys.of(building.project_id)],
    label: (field) => t(`field.${field}`),
  });
  const before: Values = { name: building.name, floors: building.floors ?? '' };
  const form = useForm<Values>({ initialValues: before });
  const { busy, send } = useSend(form, { onDone: onClose, kinds: KINDS, shown: true });
  return (
    <FormModal
      title={t('buildings.edit')}
      onClose={onClose}
      action={tCommon('save')}
      busy={busy}
      onSubmit={form.onSubmit(
        (values) => void send(() => patch.mutateAsync(changesOf(bodyOf(before), bodyOf(values)))),
      )}
    >
      <Fields form={form} />
    </FormModal>
  );
}

function Fields({ form }: { form: UseFormReturnType<Values> }) {
  const t = useTranslations('projects.field');
  return (
    <>
      <TextInput label={t('name')} required maxLength={100} data-autofocus {...form.getInputProps('name')} />
      <NumberInput label={t('floors')} min={1} max={200} allowDecimal={false} {...form.getInputProps('floors')} />
    </>
  );
}

function bodyOf({ name, floors }: Values) {
  return { name, floors: floors === '' ? null : Number(floors) };
}

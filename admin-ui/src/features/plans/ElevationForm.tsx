import { TextInput } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, idempotencyKey, versioned } from '@/api/client';
import { elevationKeys, patchElevation, useCreateElevation } from '@/api/queries/elevations';
import type { ElevationOut, ElevationPatch, PlanOut } from '@/api/schema';
import { useVersionedPatch } from '@/api/versionedPatch';
import { FormModal } from '@/ui/FormModal';
import { changesOf, useSend } from '@/ui/useSend';

const KINDS = { 'elevation-code-taken': 'code' };
type Values = { name: string; code: string };

export function NewElevation({ plan, onClose }: { plan: PlanOut; onClose: () => void }) {
  const t = useTranslations('projects');
  const tCommon = useTranslations('common');
  const [key] = useState(idempotencyKey);
  const create = useCreateElevation();
  const form = useForm<Values>({ initialValues: { name: '', code: '' } });
  const { busy, send } = useSend(form, { onDone: onClose, kinds: KINDS });
  const submit = (values: Values) =>
    send(() => create.mutateAsync({ key, body: { project_id: plan.project_id, plan_id: plan.id, ...values } }));
  return (
    <FormModal
      title={t('elevations.new')}
      onClose={onClose}
      action={tCommon('create')}
      busy={busy}
      onSubmit={form.onSubmit((values) => void submit(values))}
    >
      <Fields form={form} />
    </FormModal>
  );
}

export function EditElevation({ elevation, onClose }: { elevation: ElevationOut; onClose: () => void }) {
  const t = useTranslations('projects');
  const tCommon = useTranslations('common');
  const { id, name, code } = elevation;
  const patch = useVersionedPatch<ElevationOut, ElevationPatch>({
    queryKey: elevationKeys.one(id),
    read: () => versioned(api.GET('/v1/elevations/{id}', { params: { path: { id } } })),
    write: patchElevation(id),
    invalidates: [elevationKeys.of(elevation.project_id)],
    label: (field) => t(`field.${field}`),
  });
  const form = useForm<Values>({ initialValues: { name, code } });
  const { busy, send } = useSend(form, { onDone: onClose, kinds: KINDS, shown: true });
  return (
    <FormModal
      title={t('elevations.edit')}
      onClose={onClose}
      action={tCommon('save')}
      busy={busy}
      onSubmit={form.onSubmit((values) => void send(() => patch.mutateAsync(changesOf({ name, code }, values))))}
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
      <TextInput label={t('code')} required maxLength={60} {...form.getInputProps('code')} />
    </>
  );
}

import { NumberInput, TextInput } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, idempotencyKey, versioned } from '@/api/client';
import { patchPlan, planKeys, useCreatePlan } from '@/api/queries/plans';
import type { PlanOut, PlanPatch } from '@/api/schema';
import { useVersionedPatch } from '@/api/versionedPatch';
import { FormModal } from '@/ui/FormModal';
import { changesOf, useSend } from '@/ui/useSend';

const KINDS = { 'plan-code-taken': 'code' };
type Count = 'bedrooms' | 'bathrooms' | 'half_bathrooms' | 'square_feet';
type Values = { name: string; code: string } & Record<Count, number | string>;

interface CreateProps {
  projectId: string;
  onClose: () => void;
  onCreated?: (plan: PlanOut) => void;
}

export function NewPlan({ projectId, onClose, onCreated }: CreateProps) {
  const t = useTranslations('projects');
  const tCommon = useTranslations('common');
  const [key] = useState(idempotencyKey);
  const create = useCreatePlan();
  const form = useForm<Values>({ initialValues: valuesOf({}) });
  const { busy, send } = useSend(form, { onDone: onClose, kinds: KINDS });
  const submit = (values: Values) =>
    send(async () => {
      const created = await create.mutateAsync({ key, body: { project_id: projectId, ...bodyOf(values) } });
      onCreated?.(created);
    });
  return (
    <FormModal
      title={t('plans.new')}
      wide
      onClose={onClose}
      action={tCommon('create')}
      busy={busy}
      onSubmit={form.onSubmit((values) => void submit(values))}
    >
      <Fields form={form} />
    </FormModal>
  );
}

export function EditPlan({ plan, onClose }: { plan: PlanOut; onClose: () => void }) {
  const t = useTranslations('projects');
  const tCommon = useTranslations('common');
  const { id } = plan;
  const patch = useVersionedPatch<PlanOut, PlanPatch>({
    queryKey: planKeys.one(id),
    read: () => versioned(api.GET('/v1/plans/{id}', { params: { path: { id } } })),
    write: patchPlan(id),
    invalidates: [planKeys.of(plan.project_id)],
    label: (field) => t(`field.${field}`),
  });
  const before = valuesOf(plan);
  const form = useForm<Values>({ initialValues: before });
  const { busy, send } = useSend(form, { onDone: onClose, kinds: KINDS, shown: true });
  return (
    <FormModal
      title={t('plans.edit')}
      wide
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
  const t = useTranslations('projects');
  const count = (field: Count, max: number) => (
    <NumberInput
      label={t(`field.${field}`)}
      min={field === 'square_feet' ? 1 : 0}
      max={max}
      allowDecimal={false}
      thousandSeparator
      {...form.getInputProps(field)}
    />
  );
  return (
    <>
      <TextInput label={t('field.name')} required maxLength={100} data-autofocus {...form.getInputProps('name')} />
      <TextInput label={t('field.code')} required maxLength={60} {...form.getInputProps('code')} />
      {count('bedrooms', 50)}
      {count('square_feet', 1_000_000)}
      {count('bathrooms', 50)}
      {count('half_bathrooms', 50)}
    </>
  );
}

function valuesOf(plan: Partial<PlanOut>): Values {
  return {
    name: plan.name ?? '',
    code: plan.code ?? '',
    bedrooms: plan.bedrooms ?? '',
    bathrooms: plan.bathrooms ?? '',
    half_bathrooms: plan.half_bathrooms ?? '',
    square_feet: plan.square_feet ?? '',
  };
}

function bodyOf({ name, code, ...counts }: Values) {
  const count = (value: number | string) => (value === '' ? null : Number(value));
  return {
    name,
    code,
    bedrooms: count(counts.bedrooms),
    bathrooms: count(counts.bathrooms),
    half_bathrooms: count(counts.half_bathrooms),
    square_feet: count(counts.square_feet),
  };
}

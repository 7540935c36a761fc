import { NumberInput, Select, TextInput } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { idempotencyKey } from '@/api/client';
import { useCreateUnit } from '@/api/queries/units';
import type { ProjectOut, UnitOut } from '@/api/schema';
import { useLayout, type Layout } from '@/features/projects/useLayout';
import { fractionDigits } from '@/format/values';
import { FormModal, Wide } from '@/ui/FormModal';
import { changesOf, useSend } from '@/ui/useSend';
import { bodyOf, fieldsOf, type HomeFields } from './homeFields';
import { useUnitPatch } from './useUnitPatch';

const PATHS = { 'price.amount_minor': 'price', 'price.currency': 'price' };
const KINDS = { 'unit-number-taken': 'number' };

interface CreateProps {
  project: ProjectOut;
  /** What the new home shares with its neighbours. */
  like?: Partial<UnitOut>;
  onClose: () => void;
  onCreated?: (home: UnitOut) => void;
}

export function NewHome({ project, like = {}, onClose, onCreated }: CreateProps) {
  const t = useTranslations('homes');
  const [key] = useState(idempotencyKey);
  const layout = useLayout(project.id);
  const create = useCreateUnit();
  const only = layout.phases.size === 1 ? [...layout.phases.keys()][0] : undefined;
  const form = useForm({ initialValues: fieldsOf({ phase_id: only, ...like }) });
  const { busy, send } = useSend(form, { onDone: onClose, paths: PATHS, kinds: KINDS });
  const submit = (fields: HomeFields) =>
    send(async () => {
      const created = await create.mutateAsync({ key, body: bodyOf(fields, project.id, project.currency) });
      onCreated?.(created);
    });
  return (
    <FormModal
      title={t('new_in', { project: project.name })}
      wide
      onClose={onClose}
      action={t('create')}
      busy={busy}
      onSubmit={form.onSubmit((fields) => void submit(fields))}
    >
      <Fields form={form} layout={layout} currency={project.currency} />
    </FormModal>
  );
}

export function EditHome({ home, onClose }: { home: UnitOut; onClose: () => void }) {
  const t = useTranslations('homes');
  const tCommon = useTranslations('common');
  const layout = useLayout(home.project_id);
  const patch = useUnitPatch(home.id, layout);
  const { currency } = home.price;
  const form = useForm({ initialValues: fieldsOf(home) });
  const { busy, send } = useSend(form, { onDone: onClose, paths: PATHS, kinds: KINDS, shown: true });
  const submit = (fields: HomeFields) => {
    const body = (values: HomeFields) => {
      const { project_id: _, ...rest } = bodyOf(values, home.project_id, currency);
      return rest;
    };
    const changes = changesOf(body(fieldsOf(home)), body(fields));
    return Object.keys(changes).length === 0 ? onClose() : void send(() => patch.mutateAsync(changes));
  };
  return (
    <FormModal
      title={t('edit_title', { number: home.number })}
      wide
      onClose={onClose}
      action={tCommon('save')}
      busy={busy}
      onSubmit={form.onSubmit(submit)}
    >
      <Fields form={form} layout={layout} currency={currency} />
    </FormModal>
  );
}

interface FieldsProps {
  form: UseFormReturnType<HomeFields>;
  layout: Layout;
  currency: string;
}

function Fields({ form, layout, currency }: FieldsProps) {
  const t = useTranslations('homes.field');
  const props = form.getInputProps;
  const { plan_id: planId } = form.values;
  const elevations = [...layout.elevations.values()].filter(({ plan_id }) => plan_id === planId);
  return (
    <>
      <TextInput label={t('number')} required maxLength={60} data-autofocus {...props('number')} />
      <NumberInput
        label={t('price')}
        required
        min={0}
        thousandSeparator
        decimalScale={fractionDigits(currency)}
        hideControls
        rightSection={<small>{currency}</small>}
        rightSectionWidth={48}
        {...props('price')}
      />
      <Select
        label={t('phase_id')}
        required
        data={options(layout.phases)}
        allowDeselect={false}
        {...props('phase_id')}
      />
      <Select
        label={t('plan_id')}
        data={options(layout.plans)}
        clearable
        {...props('plan_id')}
        onChange={(plan) => {
          form.setFieldValue('plan_id', plan);
          form.setFieldValue('elevation_id', null);
        }}
      />
      <Select label={t('building_id')} data={options(layout.buildings)} clearable {...props('building_id')} />
      <Select
        label={t('elevation_id')}
        data={elevations.map(({ id, name }) => ({ value: id, label: name }))}
        clearable
        disabled={elevations.length === 0}
        {...props('elevation_id')}
      />
      <NumberInput label={t('floor')} min={-20} max={200} allowDecimal={false} {...props('floor')} />
      <NumberInput label={t('bedrooms')} min={0} max={50} allowDecimal={false} {...props('bedrooms')} />
      <NumberInput
        label={t('square_feet')}
        min={1}
        max={1_000_000}
        allowDecimal={false}
        thousandSeparator
        hideControls
        {...props('square_feet')}
      />
      <TextInput label={t('parcel')} maxLength={60} {...props('parcel')} />
      <Wide>
        <TextInput label={t('address')} maxLength={300} {...props('address')} />
      </Wide>
      <Wide>
        <TextInput
          label={t('not_for_sale_reason')}
          description={t('not_for_sale_hint')}
          maxLength={200}
          {...props('not_for_sale_reason')}
        />
      </Wide>
    </>
  );
}

function options(rows: Map<string, { id: string; name: string }>) {
  return [...rows.values()].map(({ id, name }) => ({ value: id, label: name }));
}

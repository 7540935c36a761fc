import { Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { idempotencyKey } from '@/api/client';
import { useCreateProject } from '@/api/queries/projects';
import type { ProjectOut } from '@/api/schema';
import { useFormat } from '@/format/useFormat';
import { FormModal, Wide } from '@/ui/FormModal';
import { changesOf, useSend } from '@/ui/useSend';
import { useProjectPatch } from './useProjectPatch';

const ZONES = Intl.supportedValuesOf('timeZone');

interface CreateProps {
  onClose: () => void;
  onCreated?: (project: ProjectOut) => void;
}

export function NewProject({ onClose, onCreated }: CreateProps) {
  const t = useTranslations('projects');
  const [key] = useState(idempotencyKey);
  const create = useCreateProject();
  const form = useForm({
    initialValues: {
      name: '',
      code: '',
      currency: 'USD',
      time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    },
  });
  const { busy, send } = useSend(form, { onDone: onClose, kinds: { 'project-code-taken': 'code' } });
  return (
    <FormModal
      title={t('new')}
      wide
      onClose={onClose}
      action={t('create')}
      busy={busy}
      onSubmit={form.onSubmit((body) => void send(async () => onCreated?.(await create.mutateAsync({ key, body }))))}
    >
      <Wide>
        <TextInput
          label={t('field.name')}
          required
          maxLength={200}
          data-autofocus
          {...form.getInputProps('name')}
          onBlur={() => form.values.code === '' && form.setFieldValue('code', codeOf(form.values.name))}
        />
      </Wide>
      <TextInput
        label={t('field.code')}
        description={t('field.code_hint')}
        required
        maxLength={20}
        {...form.getInputProps('code')}
        onChange={(event) => form.setFieldValue('code', event.currentTarget.value.toUpperCase())}
      />
      <CurrencySelect
        label={t('field.currency')}
        description={t('field.currency_hint')}
        {...form.getInputProps('currency')}
      />
      <Wide>
        <ZoneSelect label={t('field.time_zone')} {...form.getInputProps('time_zone')} />
      </Wide>
    </FormModal>
  );
}

export function EditProject({ project, onClose }: { project: ProjectOut; onClose: () => void }) {
  const t = useTranslations('projects');
  const tCommon = useTranslations('common');
  const patch = useProjectPatch(project.id);
  const before = { name: project.name, time_zone: project.time_zone };
  const form = useForm({ initialValues: before });
  const { busy, send } = useSend(form, { onDone: onClose, shown: true });
  return (
    <FormModal
      title={t('edit')}
      onClose={onClose}
      action={tCommon('save')}
      busy={busy}
      onSubmit={form.onSubmit((values) => void send(() => patch.mutateAsync(changesOf(before, values))))}
    >
      <TextInput label={t('field.name')} required maxLength={200} data-autofocus {...form.getInputProps('name')} />
      <ZoneSelect label={t('field.time_zone')} {...form.getInputProps('time_zone')} />
    </FormModal>
  );
}

interface SelectProps {
  label: string;
  description?: string;
  value?: string;
  onChange?: (value: string | null) => void;
  error?: React.ReactNode;
}

export function ZoneSelect(props: SelectProps) {
  return <Select {...props} data={ZONES} searchable required allowDeselect={false} limit={200} />;
}

export function CurrencySelect(props: SelectProps) {
  const { locale } = useFormat();
  const names = new Intl.DisplayNames(locale, { type: 'currency' });
  const data = Intl.supportedValuesOf('currency').map((value) => ({ value, label: `${value} · ${names.of(value)}` }));
  return <Select {...props} data={data} searchable required allowDeselect={false} limit={200} />;
}

/** A code that the name suggests: `Harbor Point West` → `HARBOR-POINT-WEST`. */
function codeOf(name: string): string {
  const letters = name.normalize('NFD').replace(/\p{M}/gu, '').toUpperCase();
  return letters
    .replace(/[^A-Z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 20)
    .replace(/-+$/, '');
}

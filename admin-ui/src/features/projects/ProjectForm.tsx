import { Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { idempotencyKey } from '@/api/client';
import { useCreateProject } from '@/api/queries/projects';
import { settingsOptions } from '@/api/queries/settings';
import type { ProjectOut } from '@/api/schema';
import { useFormat } from '@/format/useFormat';
import { choices, currencies, timeZones, named } from '@/ui/choices';
import { FormModal, Wide } from '@/ui/FormModal';
import { changesOf, useSend } from '@/ui/useSend';
import { useProjectPatch } from './useProjectPatch';

interface CreateProps {
  onClose: () => void;
  onCreated?: (project: ProjectOut) => void;
}

export function NewProject({ onClose, onCreated }: CreateProps) {
  const t = useTranslations('projects');
  const [key] = useState(idempotencyKey);
  const create = useCreateProject();
  // The company's own, as far as they are known by now.
  const company = useQueryClient().getQueryData(settingsOptions.queryKey)?.data;
  const form = useForm({
    initialValues: {
      name: '',
      code: '',
      currency: company?.currency ?? 'USD',
      time_zone: company?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    },
  });
  const [ownCode, setOwnCode] = useState(false);
  const name = (value: string) => form.setValues(ownCode ? { name: value } : { name: value, code: codeOf(value) });
  const { busy, send } = useSend(form, { onDone: onClose, kinds: { 'project-code-taken': 'code' } });
  return (
    <FormModal
      title={t('new')}
      wide
      onClose={onClose}
      action={t('create')}
      busy={busy}
      onSubmit={form.onSubmit(
        (body) =>
          void send(async () => {
            const created = await create.mutateAsync({ key, body });
            onCreated?.(created);
          }),
      )}
    >
      <Wide>
        <TextInput
          label={t('field.name')}
          required
          maxLength={200}
          data-autofocus
          {...form.getInputProps('name')}
          onChange={(event) => name(event.currentTarget.value)}
        />
      </Wide>
      <TextInput
        label={t('field.code')}
        description={t('field.code_hint')}
        required
        maxLength={20}
        {...form.getInputProps('code')}
        onChange={(event) => {
          setOwnCode(true);
          form.setFieldValue('code', event.currentTarget.value.toUpperCase());
        }}
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
  return (
    <Select {...props} data={choices(timeZones(), props.value)} searchable required allowDeselect={false} limit={200} />
  );
}

export function CurrencySelect(props: SelectProps) {
  const { locale } = useFormat();
  const data = named('currency', choices(currencies(), props.value), locale);
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

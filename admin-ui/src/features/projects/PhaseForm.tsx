import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { idempotencyKey } from '@/api/client';
import { useCreatePhase } from '@/api/queries/phases';
import type { PhaseOut, ProjectOut } from '@/api/schema';
import { FormModal } from '@/ui/FormModal';
import { changesOf, useSend } from '@/ui/useSend';
import { usePhasePatch } from './usePhasePatch';
import { fromLocal, toLocal } from './zones';

const KINDS = { 'phase-name-taken': 'name' };

interface CreateProps {
  project: ProjectOut;
  /** Begins as the first phase, released now. */
  released?: boolean;
  onClose: () => void;
}

export function NewPhase({ project, released = false, onClose }: CreateProps) {
  const t = useTranslations('projects');
  const tCommon = useTranslations('common');
  const [key] = useState(idempotencyKey);
  const create = useCreatePhase();
  const [first] = useState(() => ({
    name: released ? t('phases.first') : '',
    released_at: released ? toLocal(new Date().toISOString(), project.time_zone) : '',
  }));
  const form = useForm({ initialValues: first });
  const { busy, send } = useSend(form, { onDone: onClose, kinds: KINDS });
  const submit = ({ name, released_at }: typeof form.values) => {
    const body = { project_id: project.id, name, released_at: fromLocal(released_at, project.time_zone) };
    return send(() => create.mutateAsync({ key, body }));
  };
  return (
    <FormModal
      title={t('phases.new')}
      onClose={onClose}
      action={tCommon('create')}
      busy={busy}
      onSubmit={form.onSubmit((values) => void submit(values))}
    >
      <TextInput label={t('field.name')} required maxLength={100} data-autofocus {...form.getInputProps('name')} />
      <TextInput
        type="datetime-local"
        label={t('phases.released_at')}
        description={t('phases.released_at_hint', { zone: project.time_zone })}
        {...form.getInputProps('released_at')}
      />
    </FormModal>
  );
}

interface EditProps {
  phase: PhaseOut;
  project: ProjectOut;
  onClose: () => void;
}

export function EditPhase({ phase, project, onClose }: EditProps) {
  const t = useTranslations('projects');
  const tCommon = useTranslations('common');
  const patch = usePhasePatch(phase);
  const zone = project.time_zone;
  const before = { name: phase.name, released_at: toLocal(phase.released_at, zone) };
  const form = useForm({ initialValues: before });
  const { busy, send } = useSend(form, { onDone: onClose, kinds: KINDS, shown: true });
  const submit = (values: typeof before) => {
    const { released_at, ...rest } = changesOf(before, values);
    const release = released_at === undefined ? {} : { released_at: fromLocal(released_at, zone) };
    return send(() => patch.mutateAsync({ ...rest, ...release }));
  };
  return (
    <FormModal
      title={t('phases.edit')}
      onClose={onClose}
      action={tCommon('save')}
      busy={busy}
      onSubmit={form.onSubmit((values) => void submit(values))}
    >
      <TextInput label={t('field.name')} required maxLength={100} data-autofocus {...form.getInputProps('name')} />
      <TextInput
        type="datetime-local"
        label={t('phases.released_at')}
        description={t('phases.released_at_hint', { zone })}
        {...form.getInputProps('released_at')}
      />
    </FormModal>
  );
}

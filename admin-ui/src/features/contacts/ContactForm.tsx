import { Select, TextInput } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { idempotencyKey } from '@/api/client';
import { useCreateContact } from '@/api/queries/contacts';
import { everyProject } from '@/api/queries/projects';
import type { ContactOut } from '@/api/schema';
import { FormModal, Wide } from '@/ui/FormModal';
import { useSend } from '@/ui/useSend';
import { EMPTY, patchOf, PATHS, type ContactFields } from './contactFields';

interface Props {
  projectId: string | undefined;
  onClose: () => void;
  onCreated?: (contact: ContactOut) => void;
}

export function NewContact({ projectId, onClose, onCreated }: Props) {
  const t = useTranslations('contacts');
  const [key] = useState(idempotencyKey);
  const projects = useQuery(everyProject());
  const create = useCreateContact();
  const [chosen, setChosen] = useState(projectId);
  const project = chosen ?? projects.data?.[0]?.id;
  const form = useForm<ContactFields>({ initialValues: EMPTY });
  const { busy, send } = useSend(form, { onDone: onClose, paths: PATHS });
  const submit = (fields: ContactFields) =>
    send(async () => {
      const body = { project_id: project ?? '', ...patchOf(fields), name: fields.name.trim() };
      const created = await create.mutateAsync({ key, body });
      onCreated?.(created);
    });
  return (
    <FormModal
      title={t('new')}
      wide
      onClose={onClose}
      action={t('create')}
      busy={busy}
      onSubmit={form.onSubmit((fields) => void submit(fields))}
    >
      <ContactInputs form={form} nameRequired />
      {(projects.data?.length ?? 0) > 1 && (
        <Wide>
          <Select
            label={t('field.interested_in')}
            data={projects.data?.map(({ id, name }) => ({ value: id, label: name })) ?? []}
            value={project ?? null}
            onChange={(id) => id && setChosen(id)}
            allowDeselect={false}
            required
          />
        </Wide>
      )}
    </FormModal>
  );
}

interface InputsProps {
  form: UseFormReturnType<ContactFields>;
  nameRequired?: boolean;
  /** What stands there now, masked, by field. */
  masked?: Partial<Record<string, string>>;
}

/** The browser must not offer to remember somebody else's data. */
export function ContactInputs({ form, nameRequired = false, masked = {} }: InputsProps) {
  const t = useTranslations('contacts.field');
  const input = (field: keyof ContactFields & string, more: object = {}) => (
    <TextInput
      label={t(field as 'name')}
      placeholder={masked[field] ?? ''}
      autoComplete="off"
      {...more}
      {...form.getInputProps(field)}
    />
  );
  return (
    <>
      <Wide>{input('name', { required: nameRequired, maxLength: 200, 'data-autofocus': true })}</Wide>
      {input('email', { type: 'email', maxLength: 254 })}
      {input('phone', { type: 'tel', maxLength: 40 })}
      <Wide>{input('line1', { maxLength: 200 })}</Wide>
      {input('line2', { maxLength: 200 })}
      {input('city', { maxLength: 200 })}
      {input('region', { maxLength: 200 })}
      {input('postal_code', { maxLength: 200 })}
      {input('country', { maxLength: 2, placeholder: 'US' })}
      {input('date_of_birth', { type: 'date', min: '1900-01-01' })}
    </>
  );
}

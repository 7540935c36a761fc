import { Checkbox, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Versioned } from '@/api/client';
import { ApiProblem } from '@/api/problem';
import { contact as contactQuery, contactKeys, patchContact } from '@/api/queries/contacts';
import type { ContactOut, ContactPatch } from '@/api/schema';
import { openConflict } from '@/ui/conflict';
import { FormModal, Wide } from '@/ui/FormModal';
import { toastDone } from '@/ui/toast';
import { useSend } from '@/ui/useSend';
import { ContactInputs } from './ContactForm';
import { EMPTY, patchOf, PATHS, type ContactFields } from './contactFields';

/** What can be taken away; everybody has a name. */
const CLEARABLE = ['email', 'phone', 'address', 'date_of_birth'] as const;

interface Props {
  contact: Versioned<ContactOut>;
  onClose: () => void;
}

/** Changes what is typed and leaves the rest, which one need not see for it. There is no undo: what was there is not known here. */
export function EditContact({ contact: { data, etag }, onClose }: Props) {
  const t = useTranslations('contacts');
  const tCommon = useTranslations('common');
  const change = useContactChange(data.id);
  const [cleared, setCleared] = useState<readonly string[]>([]);
  const form = useForm<ContactFields>({ initialValues: EMPTY });
  const { busy, send } = useSend(form, { onDone: onClose, paths: PATHS });
  const submit = (fields: ContactFields) => {
    const patch: ContactPatch = { ...Object.fromEntries(cleared.map((field) => [field, null])), ...patchOf(fields) };
    return Object.keys(patch).length === 0 ? onClose() : void send(() => change(etag, patch));
  };
  const masked = { name: data.name ?? '', email: data.email ?? '', phone: data.phone ?? '', city: data.address ?? '' };
  const known = CLEARABLE.filter((field) => data[field] !== null);
  return (
    <FormModal
      title={t('edit')}
      wide
      onClose={onClose}
      action={tCommon('save')}
      busy={busy}
      onSubmit={form.onSubmit(submit)}
    >
      <Wide>
        <Text size="sm" c="dimmed">
          {t('edit_text')}
        </Text>
      </Wide>
      <ContactInputs form={form} masked={masked} />
      {known.length > 0 && (
        <Wide>
          <Checkbox.Group label={t('clear')} value={[...cleared]} onChange={setCleared}>
            {known.map((field) => (
              <Checkbox key={field} mt={6} size="xs" value={field} label={t(`field.${field}`)} />
            ))}
          </Checkbox.Group>
        </Wide>
      )}
    </FormModal>
  );
}

/** Writes a change; after a 412 both versions are shown, theirs masked. */
function useContactChange(id: string) {
  const client = useQueryClient();
  const t = useTranslations('contacts');
  const tCommon = useTranslations('common');
  const write = async (etag: string, patch: ContactPatch) => {
    client.setQueryData(contactKeys.one(id), await patchContact(id, etag, patch));
    void client.invalidateQueries({ queryKey: [...contactKeys.all, 'list'] });
    toastDone(tCommon('saved'));
  };
  return async (etag: string, patch: ContactPatch): Promise<void> => {
    try {
      await write(etag, patch);
    } catch (error) {
      if (!(error instanceof ApiProblem && error.status === 412)) throw error;
      const theirs = await client.fetchQuery({ ...contactQuery(id), staleTime: 0 });
      const fields = (Object.keys(patch) as (keyof ContactPatch & keyof ContactOut)[]).map((field) => ({
        label: t(`field.${field}`),
        mine: textOf(patch[field]),
        theirs: textOf(theirs.data[field]),
      }));
      openConflict({ fields, keepMine: () => write(theirs.etag, patch) });
    }
  };
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '–';
  return typeof value === 'object' ? Object.values(value).join(', ') : String(value);
}

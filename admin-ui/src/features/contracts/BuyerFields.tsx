import { ActionIcon, SegmentedControl, Select, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { IconTrash } from '@tabler/icons-react';
import { useTranslations } from 'use-intl';
import { useCan } from '@/api/queries/me';
import { ContactPicker } from './ContactPicker';
import type { ContractValues } from './newContract';
import classes from './form.module.css';

interface Props {
  form: UseFormReturnType<ContractValues>;
  place: number;
}

/** One party: a new person, or one of the project's contacts. */
export function BuyerFields({ form, place }: Props) {
  const t = useTranslations('contracts.form');
  const roles = useTranslations('contracts.parties.roles');
  const mayCreate = useCan('contacts.manage');
  const mayFind = useCan('contacts.read');
  const buyer = form.values.buyers[place]!;
  const at = (field: string) => `buyers.${place}.${field}`;
  const title = t('person', { position: place + 1 });
  return (
    <fieldset className={classes.buyer}>
      <legend className="visually-hidden">{title}</legend>
      <div className={classes.buyerHead}>
        {place === 0 ? (
          <strong>{roles('buyer')}</strong>
        ) : (
          <Select
            size="xs"
            w={130}
            aria-label={`${t('role')} ${title}`}
            allowDeselect={false}
            data={(['co_buyer', 'guarantor', 'buyer'] as const).map((role) => ({ value: role, label: roles(role) }))}
            {...form.getInputProps(at('role'))}
          />
        )}
        {mayCreate && mayFind && (
          <SegmentedControl
            size="xs"
            aria-label={title}
            data={[
              { value: 'new', label: t('new_person') },
              { value: 'known', label: t('known') },
            ]}
            {...form.getInputProps(at('kind'))}
          />
        )}
        {place > 0 && (
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            className={classes.remove ?? ''}
            aria-label={t('remove', { position: place + 1 })}
            onClick={() => form.removeListItem('buyers', place)}
          >
            <IconTrash size={15} aria-hidden />
          </ActionIcon>
        )}
      </div>
      {buyer.kind === 'known' ? (
        <ContactPicker
          projectId={form.values.project_id}
          shown={buyer.shown}
          error={form.errors[at('contact_id')]}
          onPick={(contact) => {
            form.setFieldValue(at('contact_id'), contact?.id ?? '');
            form.setFieldValue(at('shown'), contact?.shown ?? '');
            form.clearFieldError(at('contact_id'));
          }}
        />
      ) : (
        <div className={classes.person}>
          <TextInput
            label={t('name')}
            required
            withAsterisk={false}
            autoComplete="off"
            maxLength={200}
            className={classes.whole ?? ''}
            {...form.getInputProps(at('name'))}
          />
          <TextInput label={t('email')} type="email" autoComplete="off" {...form.getInputProps(at('email'))} />
          <TextInput label={t('phone')} type="tel" autoComplete="off" {...form.getInputProps(at('phone'))} />
        </div>
      )}
    </fieldset>
  );
}

import { Button, Group, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslations } from 'use-intl';
import { useFormat } from '@/format/useFormat';
import { meKey, readMe, writeMe } from '@/api/queries/me';
import type { MeOut, MePatch } from '@/api/schema';
import { useVersionedPatch } from '@/api/versionedPatch';
import { chooseLanguage, isLanguage } from '@/i18n/language';
import { changed } from '@/ui/changed';
import { choices, locales, named, timeZones } from '@/ui/choices';
import { useFieldErrors } from '@/ui/formProblems';
import { FormSection } from '@/ui/FormSection';

/** One's name, language and time zone. */
export function YouForm({ me }: { me: MeOut }) {
  const t = useTranslations('profile');
  const save = useTranslations('common')('save');
  const { locale } = useFormat();
  const before = { name: me.name, locale: me.locale, time_zone: me.time_zone };
  const form = useForm({ initialValues: before });
  const fieldErrors = useFieldErrors();
  const patch = useVersionedPatch<MeOut, MePatch>({
    queryKey: meKey,
    read: readMe,
    write: writeMe,
    invalidates: [['members']],
    label: (field) => t(field),
  });
  const submit = (values: typeof before) =>
    patch.mutate(changed(before, values), {
      onSuccess: () => {
        const language = values.locale?.split('-')[0];
        if (values.locale !== before.locale && isLanguage(language)) chooseLanguage(language);
      },
      onError: (error) => fieldErrors(form, error),
    });
  const select = {
    searchable: true,
    clearable: true,
    placeholder: t('as_workspace'),
    maxDropdownHeight: 260,
    limit: 60,
  };
  return (
    <form onSubmit={form.onSubmit(submit)}>
      <FormSection title={t('you')} text={t('you_text')}>
        <TextInput
          label={t('name')}
          required
          withAsterisk={false}
          maxLength={200}
          autoComplete="name"
          {...form.getInputProps('name')}
        />
        <TextInput label={t('email')} description={t('email_hint')} value={me.email} readOnly autoComplete="username" />
        <Select
          label={t('locale')}
          data={named('language', choices(locales, me.locale), locale)}
          {...select}
          {...form.getInputProps('locale')}
        />
        <Select
          label={t('time_zone')}
          data={choices(timeZones(), me.time_zone)}
          {...select}
          {...form.getInputProps('time_zone')}
        />
        <Group justify="flex-end">
          <Button type="submit" disabled={!form.isDirty()} loading={patch.isPending}>
            {save}
          </Button>
        </Group>
      </FormSection>
    </form>
  );
}

import { Alert, Button, Group, Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslations } from 'use-intl';
import { useFormat } from '@/format/useFormat';
import { useCan } from '@/api/queries/me';
import { readSettings, settingsKey, writeSettings } from '@/api/queries/settings';
import type { SettingsOut, SettingsPatch } from '@/api/schema';
import { useVersionedPatch } from '@/api/versionedPatch';
import { changed } from '@/ui/changed';
import { choices, currencies, locales, named, timeZones } from '@/ui/choices';
import { useFieldErrors } from '@/ui/formProblems';
import { FormSection } from '@/ui/FormSection';

/** The settings as a form; who may not change them reads them. */
export function SettingsForm({ settings }: { settings: SettingsOut }) {
  const t = useTranslations('settings');
  const save = useTranslations('common')('save');
  const { locale } = useFormat();
  const mayChange = useCan('settings.manage');
  const form = useForm({ initialValues: { ...settings } });
  const fieldErrors = useFieldErrors();
  const patch = useVersionedPatch<SettingsOut, SettingsPatch>({
    queryKey: settingsKey,
    read: readSettings,
    write: writeSettings,
    invalidates: [['me', 'self']],
    label: (field) => t(field),
  });
  const submit = (values: SettingsOut) =>
    patch.mutate(changed(settings, values), { onError: (error) => fieldErrors(form, error) });
  const select = { searchable: true, allowDeselect: false, readOnly: !mayChange, maxDropdownHeight: 260, limit: 60 };
  return (
    <form onSubmit={form.onSubmit(submit)}>
      {!mayChange && <Alert mb="md">{t('read_only')}</Alert>}
      <FormSection title={t('company')} text={t('company_text')}>
        <TextInput
          label={t('name')}
          required
          withAsterisk={false}
          maxLength={200}
          readOnly={!mayChange}
          {...form.getInputProps('name')}
        />
      </FormSection>
      <FormSection title={t('defaults')} text={t('defaults_text')}>
        <Select
          label={t('time_zone')}
          data={choices(timeZones(), settings.time_zone)}
          {...select}
          {...form.getInputProps('time_zone')}
        />
        <Select
          label={t('currency')}
          data={named('currency', choices(currencies(), settings.currency), locale)}
          {...select}
          {...form.getInputProps('currency')}
        />
        <Select
          label={t('locale')}
          description={t('locale_hint')}
          data={named('language', choices(locales, settings.locale), locale)}
          {...select}
          {...form.getInputProps('locale')}
        />
        {mayChange && (
          <Group justify="flex-end">
            <Button type="submit" disabled={!form.isDirty()} loading={patch.isPending}>
              {save}
            </Button>
          </Group>
        )}
      </FormSection>
    </form>
  );
}

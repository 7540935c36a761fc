import { Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { useFormat } from '@/format/useFormat';
import { readSettings, settingsKey, settingsOptions, writeSettings } from '@/api/queries/settings';
import type { SettingsOut, SettingsPatch } from '@/api/schema';
import { useVersionedPatch } from '@/api/versionedPatch';
import { changed } from '@/ui/changed';
import { choices, currencies, locales, named, timeZones } from '@/ui/choices';
import { ErrorState } from '@/ui/ErrorState';
import { FormModal, OnPage, Wide } from '@/ui/FormModal';
import { LinesSkeleton } from '@/ui/Skeletons';
import { useSend } from '@/ui/useSend';

export function CompanyStep({ onDone }: { onDone: () => void }) {
  const { data, error, refetch } = useQuery(settingsOptions);
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return data ? <Company settings={data.data} onDone={onDone} /> : <LinesSkeleton lines={4} />;
}

function Company({ settings, onDone }: { settings: SettingsOut; onDone: () => void }) {
  const t = useTranslations('settings');
  const tSteps = useTranslations('onboarding');
  const { locale } = useFormat();
  const form = useForm({ initialValues: { ...settings } });
  const patch = useVersionedPatch<SettingsOut, SettingsPatch>({
    queryKey: settingsKey,
    read: readSettings,
    write: writeSettings,
    invalidates: [],
    label: (field) => t(field),
  });
  const { busy, send } = useSend(form, { onDone, shown: true });
  const submit = (values: SettingsOut) => {
    const changes = changed(settings, values);
    return send(() => (Object.keys(changes).length === 0 ? Promise.resolve() : patch.mutateAsync(changes)));
  };
  const names = { time_zone: null, currency: 'currency', locale: 'language' } as const;
  const optionsOf = (field: keyof typeof names, data: string[]) => {
    const all = choices(data, settings[field]);
    return names[field] ? named(names[field], all, locale) : all;
  };
  const select = (field: keyof typeof names, data: string[]) => (
    <Select
      label={t(field)}
      data={optionsOf(field, data)}
      searchable
      allowDeselect={false}
      limit={200}
      {...form.getInputProps(field)}
    />
  );
  return (
    <OnPage>
      <FormModal
        title=""
        wide
        onClose={onDone}
        action={tSteps('next')}
        busy={busy}
        onSubmit={form.onSubmit((values) => void submit(values))}
      >
        <Wide>
          <TextInput label={t('name')} required maxLength={200} {...form.getInputProps('name')} />
        </Wide>
        {select('time_zone', timeZones())}
        {select('currency', currencies())}
        {select('locale', locales)}
      </FormModal>
    </OnPage>
  );
}

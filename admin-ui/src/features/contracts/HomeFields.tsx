import { Select } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { everyUnit } from '@/api/queries/units';
import type { UnitOut } from '@/api/schema';
import { useFormat } from '@/format/useFormat';
import { useProjects } from './names';
import type { ContractValues } from './newContract';

interface Props {
  form: UseFormReturnType<ContractValues>;
  /** Called with the chosen home, to begin with its price. */
  onHome: (home: UnitOut | undefined) => void;
}

/** Which home: the project where there are several, then one of its available homes. */
export function HomeFields({ form, onHome }: Props) {
  const t = useTranslations('contracts.form');
  const projects = [...useProjects().values()].filter(({ state }) => state === 'active');
  const { project_id } = form.values;
  const homes = useAvailable(project_id).data;
  const label = useHomeLabel();
  return (
    <>
      {projects.length > 1 && (
        <Select
          label={t('project')}
          placeholder={t('pick_project')}
          data={projects.map(({ id, name }) => ({ value: id, label: name }))}
          searchable={projects.length > 8}
          allowDeselect={false}
          {...form.getInputProps('project_id')}
          onChange={(id) => {
            form.setFieldValue('project_id', id ?? '');
            form.setFieldValue('unit_id', '');
            onHome(undefined);
          }}
        />
      )}
      <Select
        label={t('home')}
        placeholder={t('pick_home')}
        data={homes?.map((home) => ({ value: home.id, label: label(home) })) ?? []}
        searchable
        limit={60}
        allowDeselect={false}
        disabled={!project_id || homes === undefined}
        nothingFoundMessage={t('no_homes')}
        maxDropdownHeight={300}
        {...form.getInputProps('unit_id')}
        onChange={(id) => {
          form.setFieldValue('unit_id', id ?? '');
          onHome(homes?.find((home) => home.id === id));
        }}
      />
    </>
  );
}

/** The homes of a project that can be sold. */
export function useAvailable(projectId: string) {
  return useQuery({ ...everyUnit({ project_id: projectId, status: 'available' }), enabled: projectId !== '' });
}

function useHomeLabel() {
  const t = useTranslations('contracts.form');
  const format = useFormat();
  return ({ number, floor, bedrooms, price }: UnitOut) =>
    [
      number,
      floor === null ? null : t('floor', { floor }),
      bedrooms === null ? null : t('beds', { count: bedrooms }),
      format.money(price),
    ]
      .filter((part) => part !== null)
      .join(' · ');
}

import { MultiSelect, Radio, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useProjects } from '@/features/contracts/names';

export interface ScopeValue {
  all_projects: boolean;
  project_ids: string[];
}

interface Props {
  value: ScopeValue;
  onChange: (value: ScopeValue) => void;
  error?: ReactNode;
}

/** Where somebody works: everywhere, or in named projects. */
export function ScopeFields({ value, onChange, error }: Props) {
  const t = useTranslations('members.edit');
  const projects = [...useProjects().values()];
  return (
    <Stack gap={8}>
      <Radio.Group
        label={t('scope')}
        value={value.all_projects ? 'all' : 'some'}
        onChange={(choice) => onChange({ ...value, all_projects: choice === 'all' })}
      >
        <Stack gap={8} mt={6}>
          <Radio value="all" label={t('all')} />
          <Radio value="some" label={t('some')} />
        </Stack>
      </Radio.Group>
      {!value.all_projects && (
        <MultiSelect
          aria-label={t('pick')}
          placeholder={value.project_ids.length === 0 ? t('pick') : ''}
          data={projects.map(({ id, name }) => ({ value: id, label: name }))}
          value={value.project_ids}
          onChange={(project_ids) => onChange({ ...value, project_ids })}
          searchable={projects.length > 8}
          error={error}
        />
      )}
    </Stack>
  );
}

/** What is sent: with every project there are none to name. */
export const sentScope = ({ all_projects, project_ids }: ScopeValue): ScopeValue => ({
  all_projects,
  project_ids: all_projects ? [] : project_ids,
});

import { Select } from '@mantine/core';
import { useTranslations } from 'use-intl';
import type { Filter } from './Filters';
import classes from './filters.module.css';

interface Props {
  name: string;
  options: NonNullable<Filter<string>['options']>;
  value: string | undefined;
  onChange: (value: string) => void;
  onDone: () => void;
}

/** The options of a filter, open at once and until one is chosen. */
export default function FilterSelect({ name, options, value, onChange, onDone }: Props) {
  const t = useTranslations('common.filters');
  return (
    <Select
      variant="unstyled"
      size="xs"
      aria-label={name}
      placeholder={t('pick')}
      data={options}
      value={value ?? null}
      autoFocus
      defaultDropdownOpened
      allowDeselect={false}
      searchable={options.length > 8}
      onChange={(next) => next && onChange(next)}
      onDropdownClose={onDone}
      comboboxProps={{ width: 'max-content', position: 'bottom-start' }}
      classNames={{ input: classes.picked ?? '' }}
    />
  );
}

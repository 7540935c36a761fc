import { Button, CloseButton, Menu, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconFilter } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import classes from './filters.module.css';

export interface Filter<Key extends string> {
  key: Key;
  label: string;
  icon?: ReactNode;
  /** Values to choose from; a filter without options is typed. */
  options?: { value: string; label: string }[];
}

export interface FilterProps<Key extends string> {
  filters: Filter<Key>[];
  /** The filters of the URL. */
  values: Partial<Record<Key, string | undefined>>;
  onChange: (key: Key, value: string | undefined) => void;
  onClear: () => void;
  /** Saved views and the like. */
  children?: ReactNode;
}

/** See `Filters`. */
export default function FilterChips<Key extends string>({
  filters,
  values,
  onChange,
  onClear,
  children,
}: FilterProps<Key>) {
  const t = useTranslations('common.filters');
  // A filter that was added and has no value yet.
  const [added, setAdded] = useState<Key | null>(null);
  const isSet = (filter: Filter<Key>) => values[filter.key] !== undefined;
  const shown = filters.filter((filter) => isSet(filter) || filter.key === added);
  const rest = filters.filter((filter) => !shown.includes(filter));
  const change = (key: Key, value: string | undefined) => {
    if (value === undefined || key === added) setAdded(null);
    onChange(key, value);
  };
  return (
    <>
      {shown.map((filter) => (
        <div key={filter.key} className={classes.chip}>
          {filter.icon}
          <span className={classes.name}>{filter.label}</span>
          <FilterValue
            filter={filter}
            value={values[filter.key]}
            open={filter.key === added}
            onChange={(value) => change(filter.key, value)}
          />
          <CloseButton
            size="xs"
            aria-label={t('remove', { name: filter.label })}
            onClick={() => change(filter.key, undefined)}
          />
        </div>
      ))}
      {rest.length > 0 && (
        <Menu position="bottom-start">
          <Menu.Target>
            <Button variant="subtle" color="gray" size="compact-sm" leftSection={<IconFilter size={14} aria-hidden />}>
              {t('add')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {rest.map((filter) => (
              <Menu.Item key={filter.key} leftSection={filter.icon} onClick={() => setAdded(filter.key)}>
                {filter.label}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
      {shown.some(isSet) && (
        <Button variant="subtle" color="gray" size="compact-sm" onClick={onClear}>
          {t('clear')}
        </Button>
      )}
      {children && <div className={classes.end}>{children}</div>}
    </>
  );
}

interface ValueProps<Key extends string> {
  filter: Filter<Key>;
  value: string | undefined;
  open: boolean;
  onChange: (value: string | undefined) => void;
}

function FilterValue<Key extends string>({ filter, value, open, onChange }: ValueProps<Key>) {
  const t = useTranslations('common.filters');
  const name = t('is', { name: filter.label });
  const typed = useDebouncedCallback((text: string) => onChange(text.trim() || undefined), 250);
  if (!filter.options) {
    return (
      <TextInput
        key={value === undefined ? 'empty' : 'set'}
        variant="unstyled"
        size="xs"
        aria-label={name}
        defaultValue={value ?? ''}
        autoFocus={open}
        onChange={(event) => typed(event.currentTarget.value)}
        classNames={{ input: classes.typed ?? '' }}
      />
    );
  }
  return (
    <Select
      variant="unstyled"
      size="xs"
      aria-label={name}
      placeholder={t('pick')}
      data={filter.options}
      value={value ?? null}
      defaultDropdownOpened={open}
      allowDeselect={false}
      searchable={filter.options.length > 8}
      onChange={(next) => onChange(next ?? undefined)}
      comboboxProps={{ width: 'max-content', position: 'bottom-start' }}
      classNames={{ input: classes.picked ?? '' }}
    />
  );
}

import { Button, CloseButton } from '@mantine/core';
import { IconFilter } from '@tabler/icons-react';
import { lazy, useState, type ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { OnDemand } from '@/ui/OnDemand';
import { FilterValue } from './FilterValue';
import classes from './filters.module.css';

const loadMenu = () => import('./AddFilterMenu');
const AddFilterMenu = lazy(loadMenu);

export interface Filter<Key extends string> {
  key: Key;
  label: string;
  icon?: ReactNode;
  /** Values to choose from; a filter without options is typed. */
  options?: { value: string; label: string }[];
}

interface Props<Key extends string> {
  filters: Filter<Key>[];
  /** The filters of the URL. */
  values: Partial<Record<Key, string | undefined>>;
  onChange: (key: Key, value: string | undefined) => void;
  onClear: () => void;
  /** Saved views and the like. */
  children?: ReactNode;
}

/** Filters as chips. Their values are the page's search parameters, so that a view is a link. */
export function Filters<Key extends string>({ filters, values, onChange, onClear, children }: Props<Key>) {
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
        <OnDemand
          load={loadMenu}
          button={
            <Button variant="subtle" color="gray" size="compact-sm" leftSection={<IconFilter size={14} aria-hidden />}>
              {t('add')}
            </Button>
          }
          menu={(target, opening) => (
            <AddFilterMenu target={target} filters={rest} onAdd={(key) => setAdded(key as Key)} {...opening} />
          )}
        />
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

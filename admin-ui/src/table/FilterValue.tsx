import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconChevronDown } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Filter } from './Filters';
import classes from './filters.module.css';

const FilterSelect = lazy(() => import('./FilterSelect'));

interface Props {
  filter: Filter<string>;
  value: string | undefined;
  /** Asks for its value at once. */
  open: boolean;
  onChange: (value: string | undefined) => void;
}

/** The value of a filter: typed, or one of its options. */
export function FilterValue({ filter, value, open, onChange }: Props) {
  const t = useTranslations('common.filters');
  const name = t('is', { name: filter.label });
  const typed = useDebouncedCallback((text: string) => onChange(text.trim() || undefined), 250);
  if (filter.options)
    return <Chosen name={name} options={filter.options} value={value} open={open} onChange={onChange} />;
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

interface ChosenProps extends Omit<Props, 'filter'> {
  name: string;
  options: NonNullable<Filter<string>['options']>;
}

/** The chosen option as a button; the list that it opens is loaded by then. */
function Chosen({ open, ...props }: ChosenProps) {
  const t = useTranslations('common.filters');
  const [changing, setChanging] = useState(open);
  const [changed, setChanged] = useState(false);
  const done = () => {
    setChanging(false);
    setChanged(true);
  };
  const word = props.options.find(({ value }) => value === props.value)?.label ?? props.value ?? t('pick');
  const button = (
    <button
      type="button"
      className={classes.value}
      aria-label={`${props.name} ${word}`}
      aria-haspopup="listbox"
      // The focus stays here when the list is gone.
      autoFocus={changed}
      onClick={() => setChanging(true)}
    >
      {word}
      <IconChevronDown size={13} aria-hidden />
    </button>
  );
  if (!changing) return button;
  return (
    <Suspense fallback={button}>
      <FilterSelect {...props} onDone={done} />
    </Suspense>
  );
}

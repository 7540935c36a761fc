import { IconChevronDown } from '@tabler/icons-react';
import classes from './plainselect.module.css';

interface Props {
  label: string;
  value: string;
  options: { value: string; label: string }[];
  onChange: (value: string) => void;
}

/** The browser's own select in our dress: for a few choices on a page that should be there at once. */
export function PlainSelect({ label, value, options, onChange }: Props) {
  return (
    <span className={classes.frame}>
      <select
        className={classes.select}
        aria-label={label}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <IconChevronDown size={14} stroke={1.7} aria-hidden />
    </span>
  );
}

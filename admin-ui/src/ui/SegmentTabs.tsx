import classes from './segment.module.css';

interface Props<Value extends string> {
  label: string;
  options: readonly { value: Value; label: string; count?: number | undefined }[];
  value: Value;
  onPick: (value: Value) => void;
}

/** The few views of a page that everybody needs, a click away. */
export function SegmentTabs<Value extends string>({ label, options, value, onPick }: Props<Value>) {
  return (
    <div className={classes.segments} role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onPick(option.value)}
        >
          {option.label}
          {option.count !== undefined && <span className={classes.count}>{option.count}</span>}
        </button>
      ))}
    </div>
  );
}

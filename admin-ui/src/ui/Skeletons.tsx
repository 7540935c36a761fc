import { useTranslations } from 'use-intl';
import classes from './states.module.css';

const WIDTHS = ['w70', 'w40', 'w55', 'w85', 'w60', 'w45', 'w75', 'w50'] as const;

/** One bar in the place of a line of text. */
export function Bar({ width = 'w60' }: { width?: (typeof WIDTHS)[number] | undefined }) {
  return <span className={`skeleton ${classes.bar} ${classes[width]}`} aria-hidden />;
}

/** Lines in the place of text that is coming. */
export function LinesSkeleton({ lines = 5 }: { lines?: number }) {
  const t = useTranslations('common');
  return (
    <div className={classes.lines} role="status" aria-label={t('loading')}>
      {Array.from({ length: lines }, (_, line) => (
        <Bar key={line} width={WIDTHS[line % WIDTHS.length]} />
      ))}
    </div>
  );
}

/** A page that is coming. */
export function PageSkeleton() {
  return (
    <div className={classes.page}>
      <LinesSkeleton lines={8} />
    </div>
  );
}

/** The width of a skeleton bar that varies by row, so that rows look like text. */
export function widthFor(index: number) {
  return WIDTHS[index % WIDTHS.length];
}

import { useQuery } from '@tanstack/react-query';
import type { Money as Amount } from '@/api/schema';
import { useFormat } from './useFormat';
import type { DateStyle } from './values';
import classes from './format.module.css';

/** An amount, in tabular figures. */
export function Money({ value }: { value: Amount }) {
  return <span className={classes.figures}>{useFormat().money(value)}</span>;
}

/** A moment; the exact one on hover. `timeZone` for what is ruled by a project's clock. */
export function DateTime({
  at,
  as = 'datetime',
  timeZone,
}: {
  at: string;
  as?: DateStyle | 'relative';
  timeZone?: string;
}) {
  const format = useFormat();
  const text = as === 'relative' ? format.relative(at) : format.instant(at, as, timeZone);
  return (
    <time dateTime={at} title={format.instant(at, 'full', timeZone)} className={classes.figures}>
      {text}
    </time>
  );
}

/** A calendar date without a zone, such as a birthday. */
export function CalendarDate({ date }: { date: string }) {
  return <time dateTime={date}>{useFormat().date(date)}</time>;
}

/** A phone number as its country writes it, and a link that calls it. Masked numbers are shown as they are. */
export function Phone({ number }: { number: string }) {
  const isMasked = number.includes('•');
  const formatter = useQuery({
    queryKey: ['phone-formatter'],
    queryFn: async () => (await import('./phone')).formatPhone,
    staleTime: Infinity,
    enabled: !isMasked,
  });
  if (isMasked) return <span className={classes.figures}>{number}</span>;
  return (
    <a href={`tel:${number}`} className={classes.figures}>
      {formatter.data ? formatter.data(number) : number}
    </a>
  );
}

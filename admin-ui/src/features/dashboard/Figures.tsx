import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import type { DashboardOut, Money as Amount } from '@/api/schema';
import { useFormat } from '@/format/useFormat';
import classes from './dashboard.module.css';

type Props = Pick<DashboardOut, 'homes' | 'contracts' | 'months'>;

/** The figures that are looked at first. */
export function Figures({ homes, contracts, months }: Props) {
  const t = useTranslations('dashboard');
  const format = useFormat();
  const month = (day: string) => format.month(day);
  return (
    <dl className={classes.figures}>
      {homes && (
        <>
          <Figure
            name={t('for_sale')}
            value={format.number(countOf(homes, ['available']))}
            note={t('for_sale_of', { count: homes.reduce((sum, { count }) => sum + count, 0) })}
          />
          <Figure name={t('under_contract')} value={format.number(countOf(homes, ['offer', 'pending_signature']))} />
        </>
      )}
      {contracts && <Figure name={t('pipeline')} value={<Amounts amounts={pipeline(contracts)} />} />}
      {months && (
        <>
          <Figure
            name={t('approved', { month: month(months.this.starts) })}
            value={format.number(months.this.approved)}
            note={t('last_month', { count: format.number(months.last.approved), month: month(months.last.starts) })}
          />
          <Figure
            name={t('cancelled', { month: month(months.this.starts) })}
            value={format.number(months.this.cancelled)}
            note={t('last_month', { count: format.number(months.last.cancelled), month: month(months.last.starts) })}
          />
        </>
      )}
    </dl>
  );
}

function Figure({ name, value, note }: { name: string; value: ReactNode; note?: string }) {
  return (
    <div className={classes.figure}>
      <dt>{name}</dt>
      <dd>
        <span className={classes.number}>{value}</span>
        {note && <span className={classes.note}>{note}</span>}
      </dd>
    </div>
  );
}

/** A sum per currency: amounts of different ones do not add up. */
function Amounts({ amounts }: { amounts: Amount[] }) {
  const format = useFormat();
  if (amounts.length === 0) return '–';
  return amounts.map((amount) => (
    <span key={amount.currency} className={classes.amount}>
      {format.compactMoney(amount)}
    </span>
  ));
}

function countOf(homes: { status: string; count: number }[], statuses: string[]): number {
  return homes.filter(({ status }) => statuses.includes(status)).reduce((sum, { count }) => sum + count, 0);
}

/** What is submitted or approved, by currency. */
export function pipeline(contracts: NonNullable<DashboardOut['contracts']>): Amount[] {
  const sums = new Map<string, number>();
  for (const { state, total } of contracts) {
    if (state !== 'submitted' && state !== 'approved') continue;
    sums.set(total.currency, (sums.get(total.currency) ?? 0) + total.amount_minor);
  }
  return [...sums].map(([currency, amount_minor]) => ({ currency, amount_minor }));
}

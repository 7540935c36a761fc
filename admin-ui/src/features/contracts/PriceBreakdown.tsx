import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { useCan } from '@/api/queries/me';
import { unit } from '@/api/queries/units';
import type { ContractOut, Money as Amount } from '@/api/schema';
import { Money } from '@/format';
import { useFormat } from '@/format/useFormat';
import { Difference } from './Difference';
import classes from './contracts.module.css';

/** List price, what was agreed on top or off it, and the agreed price. */
export function PriceBreakdown({ contract }: { contract: ContractOut }) {
  const t = useTranslations('contracts.price');
  const format = useFormat();
  const mayRead = useCan('units.read');
  const home = useQuery({ ...unit(contract.unit.id), enabled: mayRead }).data?.data;
  const open = contract.state !== 'cancelled';
  const changed = home && open && home.price.amount_minor !== contract.list_price.amount_minor;
  return (
    <section className={classes.section}>
      <h2 className={classes.heading}>{t('title')}</h2>
      <PriceTable price={contract.price} list={contract.list_price} />
      {changed && <p className={classes.hint}>{t('list_now', { price: format.money(home.price) })}</p>}
    </section>
  );
}

export function PriceTable({ price, list }: { price: Amount; list: Amount }) {
  const t = useTranslations('contracts.price');
  const format = useFormat();
  const difference = price.amount_minor - list.amount_minor;
  const kind = difference < 0 ? 'discount' : difference > 0 ? 'premium' : 'none';
  const percent = new Intl.NumberFormat(format.locale, { style: 'percent', maximumFractionDigits: 2 }).format(
    list.amount_minor === 0 ? 0 : Math.abs(difference) / list.amount_minor,
  );
  return (
    <table className={classes.price}>
      <tbody>
        <tr>
          <th scope="row">{t('list')}</th>
          <td>
            <Money value={list} />
          </td>
        </tr>
        <tr>
          <th scope="row">
            {t(kind)}
            {difference !== 0 && <span className={classes.percent}>{t('of_list', { percent })}</span>}
          </th>
          <td>
            <Difference contract={{ price, list_price: list }} />
          </td>
        </tr>
        <tr className={classes.total}>
          <th scope="row">{t('total')}</th>
          <td>
            <Money value={price} />
          </td>
        </tr>
      </tbody>
    </table>
  );
}

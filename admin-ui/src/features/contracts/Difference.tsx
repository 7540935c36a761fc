import type { ContractOut } from '@/api/schema';
import { useFormat } from '@/format/useFormat';
import classes from './contracts.module.css';

/** What the agreed price is above or below the list price; a dash when it is the list price. */
export function Difference({ contract }: { contract: Pick<ContractOut, 'price' | 'list_price'> }) {
  const format = useFormat();
  const { currency } = contract.price;
  const minor = contract.price.amount_minor - contract.list_price.amount_minor;
  if (minor === 0) return <span className={classes.level}>–</span>;
  const amount = format.money({ amount_minor: Math.abs(minor), currency });
  return <span className={classes.difference}>{`${minor < 0 ? '−' : '+'}${amount}`}</span>;
}

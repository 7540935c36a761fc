import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { contractList } from '@/api/queries/contracts';
import { useCan } from '@/api/queries/me';
import { rowsOf } from '@/api/paging';
import type { UnitOut } from '@/api/schema';
import { DateTime, Money } from '@/format';
import { StatusBadge } from '@/ui/StatusBadge';
import { useBuyerName } from '@/features/contracts/names';
import { ContractLink } from './ContractLink';
import classes from './home.module.css';

/** The contracts of a home, the newest first; nothing for who may not see contracts. */
export function HomeContracts({ home, empty = false }: { home: UnitOut; empty?: boolean }) {
  const t = useTranslations('homes');
  const buyerName = useBuyerName();
  const may = useCan('contracts.read');
  const query = useInfiniteQuery({ ...contractList({ unit_id: home.id }), enabled: may });
  const rows = rowsOf(query.data);
  if (!may || (rows.length === 0 && !empty)) return null;
  if (query.data && rows.length === 0) return <p className={classes.line}>{t('record.no_contracts')}</p>;
  return (
    <ul className={classes.contracts}>
      {rows.map((contract) => (
        <li key={contract.id}>
          <ContractLink contractId={contract.id}>
            {t('peek.contract', { number: String(contract.number) })}
          </ContractLink>
          <StatusBadge status={contract.state} />
          <span className={classes.buyers}>
            {contract.buyers
              .filter(({ name }) => name)
              .map(buyerName)
              .join(', ')}
          </span>
          <Money value={contract.price} />
          <span className={classes.when}>
            <DateTime at={contract.created_at} as="date" />
          </span>
        </li>
      ))}
    </ul>
  );
}

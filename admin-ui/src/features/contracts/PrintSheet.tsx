import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { useCan, useMe } from '@/api/queries/me';
import { unit } from '@/api/queries/units';
import type { ContractOut } from '@/api/schema';
import { useFormat } from '@/format/useFormat';
import { useStatusWord } from '@/ui/StatusBadge';
import { Role } from './Parties';
import { useProjects } from './names';
import classes from './contracts.module.css';

/** The letterhead and what is sold, on paper only. */
export function PrintHead({ contract, name }: { contract: ContractOut; name: string }) {
  const t = useTranslations('contracts.sheet');
  const tp = useTranslations('contracts.page');
  const me = useMe();
  const format = useFormat();
  const word = useStatusWord();
  const project = useProjects().get(contract.project_id);
  const home = useQuery({ ...unit(contract.unit.id), enabled: useCan('units.read') }).data?.data;
  const facts: [string, string | null | undefined][] = [
    [tp('home'), contract.unit.number],
    [tp('project'), project?.name],
    [tp('address'), home?.address],
    [tp('drafted'), format.instant(contract.created_at, 'date')],
  ];
  return (
    <div className={classes.paper}>
      <p className={classes.letterhead}>{me?.membership?.tenant_name}</p>
      <p className={classes.sheetTitle}>
        {t('heading', { name })} <small>{word(contract.state)}</small>
      </p>
      <dl className={classes.sheetFacts}>
        {facts.map(([name, value]) =>
          value ? (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ) : null,
        )}
      </dl>
    </div>
  );
}

/** Lines to sign on and who printed it, on paper only. */
export function PrintFoot({ contract }: { contract: ContractOut }) {
  const t = useTranslations('contracts.sheet');
  const me = useMe();
  const format = useFormat();
  const line = (key: string, who: React.ReactNode) => (
    <div key={key} className={classes.signature}>
      <span>{t('signature')}</span>
      <span>{t('date')}</span>
      <span>{who}</span>
    </div>
  );
  return (
    <div className={classes.paper}>
      {contract.buyers.map((buyer) => line(buyer.contact_id, <Role role={buyer.role} />))}
      {line('seller', t('seller'))}
      <p className={classes.hint}>
        {t('printed', { at: format.instant(new Date().toISOString()), name: me?.name ?? '' })}
      </p>
    </div>
  );
}

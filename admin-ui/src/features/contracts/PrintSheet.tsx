import { useTranslations } from 'use-intl';
import { useMe } from '@/api/queries/me';
import type { ContractOut } from '@/api/schema';
import { useFormat } from '@/format/useFormat';
import { Role } from './Parties';
import classes from './contracts.module.css';

/** The letterhead, on paper only. */
export function PrintHead({ name }: { name: string }) {
  const t = useTranslations('contracts.sheet');
  const me = useMe();
  return (
    <div className={classes.paper}>
      <p className={classes.letterhead}>{me?.membership?.tenant_name}</p>
      <p className={classes.sheetTitle}>{t('heading', { name })}</p>
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

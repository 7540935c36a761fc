import { IconChecklist } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { useCan } from '@/api/queries/me';
import type { DashboardOut } from '@/api/schema';
import classes from './dashboard.module.css';

/** What waits for the reader, who alone can go on with it. */
export function ApprovalNotice({
  contracts,
  project,
}: {
  contracts: DashboardOut['contracts'];
  project: string | undefined;
}) {
  const t = useTranslations('dashboard');
  const mayApprove = useCan('contracts.approve');
  const waiting = (contracts ?? [])
    .filter(({ state }) => state === 'submitted')
    .reduce((sum, { count }) => sum + count, 0);
  if (!mayApprove || waiting === 0) return null;
  return (
    <div className={classes.notice}>
      <IconChecklist size={18} stroke={1.7} aria-hidden />
      <span>{t('to_approve', { count: waiting })}</span>
      <Link to="/contracts" search={{ state: 'submitted', ...(project ? { project_id: project } : {}) }}>
        {t('look')}
      </Link>
    </div>
  );
}

import {
  IconBuilding,
  IconCalendar,
  IconCash,
  IconCircleDot,
  IconHash,
  IconHome,
  IconUsers,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import type { ContractOut } from '@/api/schema';
import { DateTime, Money } from '@/format';
import type { Column } from '@/table/types';
import { StatusBadge } from '@/ui/StatusBadge';
import { Difference } from './Difference';
import { useBuyerName, useContractName, useProjects } from './names';
import { STATES } from './states';
import classes from './contracts.module.css';

const ICON = { size: 14, stroke: 1.6, 'aria-hidden': true } as const;

export function useContractColumns(): Column<ContractOut>[] {
  const t = useTranslations('contracts.columns');
  const nameOf = useContractName();
  const buyerName = useBuyerName();
  const projects = useProjects();
  const several = projects.size > 1;
  return [
    {
      id: 'number',
      header: t('number'),
      icon: <IconHash {...ICON} />,
      width: 'minmax(120px, 1fr)',
      phone: 'title',
      fixed: true,
      sortBy: (contract) => nameOf(contract),
      render: (contract) => (
        <Link to="/contracts/$contractId" params={{ contractId: contract.id }} className={classes.name ?? ''}>
          {nameOf(contract)}
        </Link>
      ),
    },
    {
      id: 'home',
      header: t('home'),
      icon: <IconHome {...ICON} />,
      width: 'minmax(90px, 0.7fr)',
      phone: 'meta',
      sortBy: ({ unit }) => unit.number ?? '',
      render: ({ unit }) => unit.number,
    },
    {
      id: 'buyers',
      header: t('buyers'),
      icon: <IconUsers {...ICON} />,
      width: 'minmax(120px, 1.2fr)',
      phone: 'meta',
      render: ({ buyers }) => <span className={classes.cut}>{buyers.map(buyerName).join(', ')}</span>,
    },
    {
      id: 'state',
      header: t('state'),
      icon: <IconCircleDot {...ICON} />,
      width: 'minmax(124px, 0.8fr)',
      phone: 'badge',
      sortBy: ({ state }) => STATES.indexOf(state),
      render: ({ state }) => <StatusBadge status={state} />,
    },
    {
      id: 'project',
      header: t('project'),
      icon: <IconBuilding {...ICON} />,
      width: 'minmax(130px, 1fr)',
      optional: !several,
      sortBy: ({ project_id }) => projects.get(project_id)?.name ?? '',
      render: ({ project_id }) => <span className={classes.cut}>{projects.get(project_id)?.name}</span>,
    },
    {
      id: 'price',
      header: t('price'),
      icon: <IconCash {...ICON} />,
      width: 'minmax(124px, 0.8fr)',
      align: 'end',
      phone: 'end',
      sortedByApi: true,
      render: ({ price }) => <Money value={price} />,
    },
    {
      id: 'difference',
      header: t('difference'),
      width: 'minmax(116px, 0.8fr)',
      align: 'end',
      sortBy: ({ price, list_price }) => price.amount_minor - list_price.amount_minor,
      render: (contract) => <Difference contract={contract} />,
    },
    {
      id: 'created',
      header: t('created'),
      icon: <IconCalendar {...ICON} />,
      width: 'minmax(120px, 0.8fr)',
      sortedByApi: true,
      render: ({ created_at }) => <DateTime at={created_at} as="date" />,
    },
    {
      id: 'submitted',
      header: t('submitted'),
      icon: <IconCalendar {...ICON} />,
      width: 'minmax(120px, 0.8fr)',
      optional: true,
      sortBy: ({ submitted_at }) => submitted_at ?? '',
      render: ({ submitted_at }) => submitted_at && <DateTime at={submitted_at} as="date" />,
    },
    {
      id: 'approved',
      header: t('approved'),
      icon: <IconCalendar {...ICON} />,
      width: 'minmax(120px, 0.8fr)',
      optional: true,
      sortBy: ({ approved_at }) => approved_at ?? '',
      render: ({ approved_at }) => approved_at && <DateTime at={approved_at} as="date" />,
    },
  ];
}

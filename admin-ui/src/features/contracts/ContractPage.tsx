import { IconFiles, IconFileText, IconShieldCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { contract as contractQuery } from '@/api/queries/contracts';
import { useCan } from '@/api/queries/me';
import type { ContractOut } from '@/api/schema';
import { ErrorState } from '@/ui/ErrorState';
import { Page } from '@/ui/Page';
import { RecordPage } from '@/ui/RecordPage';
import { PageSkeleton } from '@/ui/Skeletons';
import { StatusBadge } from '@/ui/StatusBadge';
import { usePhone } from '@/ui/usePhone';
import { ContractFacts } from './ContractFacts';
import { MoveActions } from './MoveActions';
import { Parties } from './Parties';
import { PrintFoot, PrintHead } from './PrintSheet';
import { PriceBreakdown } from './PriceBreakdown';
import { Stages } from './Stages';
import { Timeline } from './Timeline';
import { useContractName } from './names';
import { lazily } from '@/ui/lazily';
import classes from './contracts.module.css';

const ObjectTrail = lazily(() => import('@/features/audit/ObjectTrail').then((part) => part.ObjectTrail));
const Documents = lazily(() => import('./Documents').then((part) => part.Documents));

const route = getRouteApi('/_app/contracts/$contractId');

export function ContractPage() {
  const t = useTranslations('contracts');
  const { contractId } = route.useParams();
  const query = useQuery(contractQuery(contractId));
  if (query.data) return <Contract contract={query.data.data} />;
  return (
    <Page title={t('columns.number')}>
      {query.error ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <PageSkeleton />}
    </Page>
  );
}

function Contract({ contract }: { contract: ContractOut }) {
  const t = useTranslations('contracts.page');
  const { tab = 'overview' } = route.useSearch();
  const navigate = useNavigate();
  const name = useContractName()(contract);
  const phone = usePhone();
  const audited = useCan('audit.read');
  const icon = { size: 14, stroke: 1.6, 'aria-hidden': true } as const;
  const open = (next: string) =>
    void navigate({
      to: '/contracts/$contractId',
      params: { contractId: contract.id },
      search: next === 'overview' ? {} : { tab: next as 'documents' | 'audit' },
      replace: true,
    });
  return (
    <RecordPage
      title={contract.unit.number && !phone ? `${name} · ${t('home')} ${contract.unit.number}` : name}
      aside={<StatusBadge status={contract.state} />}
      actions={<MoveActions contract={contract} />}
      properties={<ContractFacts contract={contract} />}
      tab={tab}
      onTab={open}
      tabs={[
        {
          value: 'overview',
          label: t('overview'),
          icon: <IconFileText {...icon} />,
          content: <Overview {...{ contract, name }} />,
        },
        {
          value: 'documents',
          label: t('documents'),
          icon: <IconFiles {...icon} />,
          content: <Documents unitId={contract.unit.id} />,
        },
        ...(audited
          ? [
              {
                value: 'audit',
                label: t('audit'),
                icon: <IconShieldCheck {...icon} />,
                content: <ObjectTrail objectId={contract.id} />,
              },
            ]
          : []),
      ]}
    />
  );
}

function Overview({ contract, name }: { contract: ContractOut; name: string }) {
  return (
    <>
      <PrintHead contract={contract} name={name} />
      <Stages contract={contract} />
      <div className={classes.columns}>
        <div className={classes.column}>
          <Parties contract={contract} />
        </div>
        <div className={classes.column}>
          <PriceBreakdown contract={contract} />
          <Timeline contract={contract} />
        </div>
      </div>
      <PrintFoot contract={contract} />
    </>
  );
}

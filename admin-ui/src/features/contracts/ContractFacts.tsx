import {
  IconBuilding,
  IconCalendar,
  IconHome,
  IconMapPin,
  IconMessage,
  IconNote,
  IconRuler2,
  IconUser,
  type Icon,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';
import { useCan } from '@/api/queries/me';
import { useMemberName } from '@/api/queries/members';
import { plansOf } from '@/api/queries/plans';
import { unit } from '@/api/queries/units';
import type { ContractOut } from '@/api/schema';
import { DateTime } from '@/format';
import { Properties, Property } from '@/ui/RecordPage';
import { isReason } from './Timeline';
import { useProjects } from './names';
import classes from './contracts.module.css';

/** The side of the page: the home, and who did what when. What is not known is left out. */
export function ContractFacts({ contract }: { contract: ContractOut }) {
  const t = useTranslations('contracts');
  const memberName = useMemberName();
  const person = (id: string) => memberName(id) ?? t('page.colleague');
  const { cancel_reason: reason } = contract;
  return (
    <>
      <HomeFacts contract={contract} />
      <Properties title={t('page.record')}>
        <When name={t('page.drafted')} at={contract.created_at} by={person(contract.created_by)} />
        {contract.submitted_at && contract.submitted_by && (
          <When name={t('page.submitted')} at={contract.submitted_at} by={person(contract.submitted_by)} />
        )}
        {contract.approved_at && contract.approved_by && (
          <When name={t('page.approved')} at={contract.approved_at} by={person(contract.approved_by)} />
        )}
        {contract.cancelled_at && contract.cancelled_by && (
          <When name={t('page.cancelled')} at={contract.cancelled_at} by={person(contract.cancelled_by)} />
        )}
        <Fact icon={IconMessage} name={t('page.reason')}>
          {isReason(reason) ? t(`reasons.${reason}`) : reason}
        </Fact>
        <Fact icon={IconNote} name={t('page.note')}>
          {contract.cancel_note}
        </Fact>
      </Properties>
    </>
  );
}

function HomeFacts({ contract }: { contract: ContractOut }) {
  const t = useTranslations('contracts.page');
  const project = useProjects().get(contract.project_id);
  const home = useQuery({ ...unit(contract.unit.id), enabled: useCan('units.read') }).data?.data;
  const plans = useQuery({ ...plansOf(contract.project_id), enabled: useCan('projects.read') }).data;
  const plan = plans?.find(({ id }) => id === home?.plan_id);
  return (
    <Properties title={t('facts')}>
      <Fact icon={IconHome} name={t('home')}>
        {contract.unit.number && (
          <Link to="/homes/$unitId" params={{ unitId: contract.unit.id }}>
            {contract.unit.number}
          </Link>
        )}
      </Fact>
      <Fact icon={IconBuilding} name={t('project')}>
        {project?.name}
      </Fact>
      <Fact icon={IconRuler2} name={t('plan')}>
        {plan?.name}
      </Fact>
      <Fact icon={IconMapPin} name={t('address')}>
        {home?.address}
      </Fact>
    </Properties>
  );
}

function Fact({ icon: Icon, name, children }: { icon: Icon; name: string; children: ReactNode }) {
  if (!children) return null;
  return (
    <Property icon={<Icon size={14} stroke={1.6} aria-hidden />} name={name}>
      {children}
    </Property>
  );
}

function When({ name, at, by }: { name: string; at: string; by: string }) {
  return (
    <Fact icon={IconCalendar} name={name}>
      <DateTime at={at} />
      <span className={classes.by}>
        <IconUser size={13} stroke={1.6} aria-hidden /> {by}
      </span>
    </Fact>
  );
}

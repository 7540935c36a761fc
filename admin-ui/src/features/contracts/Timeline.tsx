import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { rowsOf } from '@/api/paging';
import { auditEvents } from '@/api/queries/audit';
import { useCan } from '@/api/queries/me';
import { useMemberName } from '@/api/queries/members';
import type { CancelReason, ContractOut } from '@/api/schema';
import { DateTime } from '@/format';
import { toneOf } from '@/ui/StatusBadge';
import { REASONS } from './reasons';
import classes from './contracts.module.css';

const STEPS = ['created', 'submitted', 'draft', 'approved', 'cancelled', 'updated'] as const;
type StepName = (typeof STEPS)[number];

interface Entry {
  step: StepName;
  at: string;
  actor: string | null;
}

/** What happened, newest first: from the trail for who may read it, else from what the contract itself says. */
export function Timeline({ contract }: { contract: ContractOut }) {
  const t = useTranslations('contracts');
  const entries = useEntries(contract);
  const { cancel_reason: reason, cancel_note: note } = contract;
  return (
    <section className={`${classes.section} no-print`}>
      <h2 className={classes.heading}>{t('timeline.title')}</h2>
      <ol className={classes.timeline}>
        {entries.map(({ step, at, actor }) => (
          <li key={`${step} ${at}`} data-tone={toneOf(step === 'created' ? 'draft' : step)}>
            <span>
              {t(`timeline.${step}`, {
                actor: actor ?? t('page.colleague'),
                reason: isReason(reason) ? t(`reasons.${reason}`) : (reason ?? ''),
              })}
              {step === 'cancelled' && note && <q className={classes.note}>{note}</q>}
            </span>
            <DateTime at={at} as="relative" />
          </li>
        ))}
      </ol>
    </section>
  );
}

export const isReason = (reason: string | null): reason is CancelReason => REASONS.includes(reason as CancelReason);

function useEntries(contract: ContractOut): Entry[] {
  const mayRead = useCan('audit.read');
  const memberName = useMemberName();
  const events = useInfiniteQuery({ ...auditEvents({ object_id: contract.id }), enabled: mayRead });
  if (events.data) {
    return rowsOf(events.data).flatMap(({ action, at, actor }) => {
      const step = STEPS.find((step) => action === `contract.${step}`);
      return step ? [{ step, at, actor: actor.name ?? memberName(actor.id) }] : [];
    });
  }
  const known: [StepName, string | null, string | null][] = [
    ['cancelled', contract.cancelled_at, contract.cancelled_by],
    ['approved', contract.approved_at, contract.approved_by],
    ['submitted', contract.submitted_at, contract.submitted_by],
    ['created', contract.created_at, contract.created_by],
  ];
  return known.flatMap(([step, at, by]) => (at ? [{ step, at, actor: memberName(by) }] : []));
}

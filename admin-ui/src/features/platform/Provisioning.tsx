import { Button } from '@mantine/core';
import { IconCheck, IconLoader2, IconPointFilled, IconRefresh, IconX } from '@tabler/icons-react';
import { useTranslations } from 'use-intl';
import type { StepOut, TenantOut } from '@/api/schema';
import { useDecide } from './useDecide';
import classes from './platform.module.css';

const MARKS = { done: IconCheck, failed: IconX, running: IconLoader2, waiting: IconPointFilled } as const;
type State = keyof typeof MARKS;

const stateOf = ({ state }: StepOut): State => (state in MARKS ? (state as State) : 'waiting');

const secondsBetween = (from: string, to: string) => Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);

/** How the tenant was made, or is being made: step by step, and again from where it stopped. */
export function Provisioning({ tenant }: { tenant: TenantOut }) {
  const t = useTranslations('platform.tenant');
  const retry = useDecide(tenant);
  const steps = tenant.provisioning ?? [];
  if (steps.length === 0) return null;
  const done = steps.filter((step) => stateOf(step) === 'done').length;
  const failed = steps.some((step) => stateOf(step) === 'failed');
  const first = steps.find(({ started_at }) => started_at)?.started_at;
  const last = steps.at(-1)?.finished_at;
  return (
    <section className={classes.section}>
      <div className={classes.sectionHead}>
        <h2>{t('provisioning')}</h2>
        <span role="status">
          {done === steps.length && first && last
            ? t('ready', { seconds: Math.round(secondsBetween(first, last) * 10) / 10 })
            : t('working', { done: String(done), count: String(steps.length) })}
        </span>
        {failed && (
          <Button
            leftSection={<IconRefresh size={14} aria-hidden />}
            loading={retry.isPending}
            onClick={() => retry.mutate({ act: 'provision' })}
          >
            {t('retry')}
          </Button>
        )}
      </div>
      <ol className={classes.steps}>
        {steps.map((step) => (
          <Step key={step.step} step={step} />
        ))}
      </ol>
    </section>
  );
}

function Step({ step }: { step: StepOut }) {
  const t = useTranslations('platform.tenant');
  const names = useTranslations('platform.step_names');
  const nameOf = (key: string) =>
    names.has(key as 'workspace') ? names(key as 'workspace') : key.replaceAll('_', ' ');
  const state = stateOf(step);
  const Mark = MARKS[state];
  return (
    <li data-state={state}>
      <Mark size={15} stroke={2.2} className={classes.mark} aria-hidden />
      <span className={classes.stepName}>{nameOf(step.step)}</span>
      <span className={classes.stepNote}>
        {step.attempts > 1 && `${t('attempts', { count: step.attempts })} · `}
        {step.started_at && step.finished_at
          ? t('took', { seconds: Math.round(secondsBetween(step.started_at, step.finished_at) * 100) / 100 })
          : t(`steps.${state}`)}
      </span>
      {step.error && <p className={classes.stepError}>{step.error}</p>}
    </li>
  );
}

import { Button, Progress } from '@mantine/core';
import { IconCheck, IconMinus } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorState } from '@/ui/ErrorState';
import { Page } from '@/ui/Page';
import { LinesSkeleton } from '@/ui/Skeletons';
import classes from './onboarding.module.css';
import { lazily } from '@/ui/lazily';
import { STEPS, useProgress, type StepName, type StepState } from './steps';

const HomesStep = lazily(() => import('./HomesStep').then((part) => part.HomesStep));
const PlansStep = lazily(() => import('./PlansStep').then((part) => part.PlansStep));
const PeopleStep = lazily(() => import('./PeopleStep').then((part) => part.PeopleStep));
const ContractStep = lazily(() => import('./ContractStep').then((part) => part.ContractStep));
const CompanyStep = lazily(() => import('./CompanyStep').then((part) => part.CompanyStep));
const ProjectStep = lazily(() => import('./ProjectStep').then((part) => part.ProjectStep));

/** From an empty workspace to the first contract; every step can be left out and taken up again. */
export function OnboardingPage({ step: asked }: { step: StepName | undefined }) {
  const t = useTranslations('onboarding');
  const progress = useProgress();
  const navigate = useNavigate();
  const { states, next, ready, error } = progress;
  const step = asked ?? next;
  const behind = STEPS.filter((name) => states[name] !== 'open').length;
  const go = (to: StepName | undefined) => void navigate({ to: '/onboarding', search: to ? { step: to } : {} });
  const after = (name: StepName) => STEPS.slice(STEPS.indexOf(name) + 1).find((one) => states[one] === 'open');
  const forward = (name: StepName) => go(after(name) ?? STEPS.find((one) => one !== name && states[one] === 'open'));
  const skip = (name: StepName) => {
    progress.mark(name);
    forward(name);
  };
  return (
    <Page
      title={t('title')}
      aside={<span className={classes.count}>{t('count', { done: behind, all: STEPS.length })}</span>}
      flush
    >
      <Progress value={(behind / STEPS.length) * 100} size={3} radius={0} aria-label={t('progress')} />
      <div className={classes.frame}>
        <nav className={classes.steps} aria-label={t('title')}>
          <ol>
            {STEPS.map((name, index) => (
              <li key={name}>
                <Link to="/onboarding" search={{ step: name }} aria-current={name === step ? 'step' : undefined}>
                  <Mark state={states[name]} number={index + 1} />
                  <span>{t(`${name}.title`)}</span>
                </Link>
              </li>
            ))}
          </ol>
        </nav>
        <div className={classes.content}>
          {error && <ErrorState error={error} />}
          {!error && !ready && <LinesSkeleton lines={6} />}
          {ready && !step && <AllDone />}
          {ready && step && (
            <>
              <header className={classes.head}>
                <h2>{t(`${step}.title`)}</h2>
                <p>{t(`${step}.text`)}</p>
              </header>
              <Step step={step} progress={progress} onDone={() => forward(step)} onStep={go} />
              {states[step] === 'open' && step !== 'contract' && (
                <Button className={classes.skip ?? ''} variant="subtle" color="gray" onClick={() => skip(step)}>
                  {t('skip')}
                </Button>
              )}
            </>
          )}
        </div>
      </div>
    </Page>
  );
}

interface StepProps {
  step: StepName;
  progress: ReturnType<typeof useProgress>;
  onDone: () => void;
  onStep: (step: StepName) => void;
}

function Step({ step, progress, onDone, onStep }: StepProps) {
  const { project, mark } = progress;
  const t = useTranslations('onboarding');
  if (step === 'company')
    return (
      <CompanyStep
        onDone={() => {
          mark('company');
          onDone();
        }}
      />
    );
  if (step === 'project') return <ProjectStep project={project} onDone={onDone} />;
  if (step === 'people') return <PeopleStep onDone={onDone} />;
  if (!project)
    return (
      <Button size="sm" onClick={() => onStep('project')}>
        {t('project_first')}
      </Button>
    );
  if (step === 'homes') return <HomesStep project={project} onDone={onDone} />;
  if (step === 'plans') return <PlansStep project={project} onDone={onDone} />;
  return <ContractStep project={project} onStep={onStep} />;
}

function Mark({ state, number }: { state: StepState; number: number }) {
  const t = useTranslations('onboarding.state');
  return (
    <span className={classes.mark} data-state={state}>
      {state === 'done' && <IconCheck size={13} stroke={2.4} aria-hidden />}
      {state === 'skipped' && <IconMinus size={13} stroke={2.4} aria-hidden />}
      {state === 'open' && <span aria-hidden>{number}</span>}
      {state !== 'open' && <span className="visually-hidden">{t(state)}</span>}
    </span>
  );
}

function AllDone() {
  const t = useTranslations('onboarding.finished');
  return (
    <EmptyState
      icon={<IconCheck size={20} aria-hidden />}
      title={t('title')}
      action={<Button renderRoot={(props) => <Link {...props} to="/" />}>{t('go')}</Button>}
    >
      {t('text')}
    </EmptyState>
  );
}

import { Alert, Button, Text } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { IconCircleCheckFilled, IconCircleDashed, IconLoader2 } from '@tabler/icons-react';
import { useTranslations } from 'use-intl';
import { ApiProblem } from '@/api/problem';
import { signupProgress, verifySignup } from '@/api/queries/signups';
import type { SignupOut } from '@/api/schema';
import { workspaceUrl } from '@/auth/site';
import { showProblem } from '@/ui/toast';
import { PublicFrame } from '@/ui/PublicFrame';
import classes from './signup.module.css';

const route = getRouteApi('/verify-email');

/** Behind the link in the mail. Opening it changes nothing, because mail scanners open links; the button does. */
export function VerifyEmailPage() {
  const t = useTranslations('signup.verify');
  const { token } = route.useSearch();
  const verify = useMutation({
    meta: { handlesProblem: true },
    mutationFn: verifySignup,
    onError: (error) => {
      if (!(error instanceof ApiProblem && error.status === 404)) showProblem(error);
    },
  });
  if (token && verify.data) return <Progress token={token} first={verify.data} />;
  const notValid = verify.error instanceof ApiProblem && verify.error.status === 404;
  return (
    <PublicFrame
      title={t('title')}
      text={t('text')}
      footer={(notValid || !token) && <Link to="/sign-up">{t('sign_up')}</Link>}
    >
      {!token || notValid ? (
        <Alert color="red" variant="light" role="alert">
          {t(token ? 'not_valid' : 'no_token')}
        </Alert>
      ) : (
        <Button size="sm" fullWidth loading={verify.isPending} onClick={() => verify.mutate(token)}>
          {t('confirm')}
        </Button>
      )}
    </PublicFrame>
  );
}

type StepState = 'done' | 'now' | 'later';

function Progress({ token, first }: { token: string; first: SignupOut }) {
  const t = useTranslations('signup.progress');
  const { data: application } = useQuery(signupProgress(token, first));
  const { company_name: company, slug, state } = application;
  if (state === 'rejected') return <PublicFrame title={t('rejected_title')} text={t('rejected_text')} />;
  const approved = state === 'approved';
  return (
    <PublicFrame title={approved ? t('ready_title', { company }) : t('title', { company })}>
      <ol className={classes.steps} role="status">
        <Step state="done" label={t('step_address')} />
        <Step state={approved ? 'done' : 'now'} label={t('step_review')} />
        <Step state={approved ? 'done' : 'later'} label={t('step_workspace')} />
      </ol>
      {approved ? (
        <Button component="a" href={workspaceUrl(slug, '/sign-in')} size="sm" fullWidth>
          {t('open')}
        </Button>
      ) : (
        <Text size="sm" c="dimmed">
          {t('waiting')}
        </Text>
      )}
    </PublicFrame>
  );
}

const ICONS = { done: IconCircleCheckFilled, now: IconLoader2, later: IconCircleDashed };

function Step({ state, label }: { state: StepState; label: string }) {
  const t = useTranslations('signup.progress');
  const Icon = ICONS[state];
  return (
    <li className={classes.step} data-state={state}>
      <Icon size={18} aria-hidden />
      {label}
      <span className="visually-hidden">, {t(state)}</span>
    </li>
  );
}

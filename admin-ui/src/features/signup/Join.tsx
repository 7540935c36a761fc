import { Alert, Button, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { ApiProblem } from '@/api/problem';
import type { AcceptIn } from '@/api/schema';
import { fieldErrors } from '@/ui/formProblems';
import { PublicFrame } from '@/ui/PublicFrame';
import classes from './signup.module.css';

/** The token is behind the `#`, so that no server's log has it; it leaves the address bar as soon as it is read. */
function takeToken(): string {
  const token = window.location.hash.slice(1);
  if (token) window.history.replaceState(window.history.state, '', window.location.pathname);
  return token;
}

let taken: string | undefined;

const KNOWN = {
  'invitation-not-valid': 'not_valid',
  'wrong-password': 'wrong_password',
  'already-member': 'already',
} as const;

function refusal(error: Error | null) {
  return error instanceof ApiProblem && error.kind in KNOWN ? KNOWN[error.kind as keyof typeof KNOWN] : null;
}

interface Props<T> {
  /** To a workspace, or to the operators. */
  words: 'invitation' | 'operator_invitation';
  accept: (body: AcceptIn) => Promise<T>;
  onJoined: (accepted: T) => void;
}

/** Who is invited says their name, and proves or chooses a password. */
export function Join<T>({ words, accept: send, onJoined }: Props<T>) {
  const [token] = useState(() => (taken ??= takeToken()));
  const own = useTranslations(`signup.${words}`);
  const t = useTranslations('signup.invitation');
  const hint = useTranslations('signup.form')('password_hint');
  const form = useForm({ mode: 'uncontrolled', initialValues: { name: '', password: '' } });
  const accept = useMutation({
    meta: { handlesProblem: true },
    mutationFn: (values: { name: string; password: string }) => send({ token, ...values }),
    onSuccess: onJoined,
    onError: (error) => {
      if (!refusal(error)) fieldErrors(form, error);
    },
  });
  const refused = token ? refusal(accept.error) : 'not_valid';
  return (
    <PublicFrame title={own('title')} text={own('text')}>
      <form className={classes.form} onSubmit={form.onSubmit((values) => accept.mutate(values))}>
        {refused && (
          <Alert color="red" variant="light" role="alert">
            {t(refused)}
          </Alert>
        )}
        <TextInput
          label={t('name')}
          required
          withAsterisk={false}
          autoComplete="name"
          autoFocus
          {...form.getInputProps('name')}
        />
        <PasswordInput
          label={t('password')}
          description={hint}
          required
          withAsterisk={false}
          autoComplete="new-password"
          {...form.getInputProps('password')}
        />
        <Button type="submit" size="sm" loading={accept.isPending} disabled={!token}>
          {t('submit')}
        </Button>
      </form>
    </PublicFrame>
  );
}

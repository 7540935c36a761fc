import { Alert, Button, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { ApiProblem } from '@/api/problem';
import { useFieldErrors } from '@/ui/formProblems';
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

interface Props<Joined> {
  title: string;
  text: string;
  accept: (body: { token: string; name: string; password: string }) => Promise<Joined>;
  onJoined: (joined: Joined) => void;
}

/** Accepts an invitation: a name, and the login's password or that of a new one. */
export function JoinForm<Joined>({ title, text, accept, onJoined }: Props<Joined>) {
  const t = useTranslations('signup.invitation');
  const hint = useTranslations('signup.form')('password_hint');
  const [token] = useState(() => (taken ??= takeToken()));
  const form = useForm({ mode: 'uncontrolled', initialValues: { name: '', password: '' } });
  const fieldErrors = useFieldErrors();
  const join = useMutation({
    meta: { handlesProblem: true },
    // The variables would hold the password for as long as the mutation is remembered.
    gcTime: 0,
    mutationFn: (values: { name: string; password: string }) => accept({ token, ...values }),
    onSuccess: onJoined,
    onError: (error) => {
      if (!refusal(error)) fieldErrors(form, error);
    },
  });
  const refused = token ? refusal(join.error) : 'not_valid';
  return (
    <PublicFrame title={title} text={text}>
      <form className={classes.form} onSubmit={form.onSubmit((values) => join.mutate(values))}>
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
        <Button type="submit" size="sm" loading={join.isPending} disabled={!token}>
          {t('submit')}
        </Button>
      </form>
    </PublicFrame>
  );
}

import { Alert, Button, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { ApiProblem } from '@/api/problem';
import { signIn } from '@/auth/signIn';
import { useProblemWords } from '@/ui/problemWords';
import classes from './auth.module.css';

interface Props {
  /** Known already, when a session ended. */
  email?: string | undefined;
  onDone: () => void;
}

export function SignInForm({ email, onDone }: Props) {
  const t = useTranslations('auth');
  const words = useProblemWords();
  const form = useForm({ mode: 'uncontrolled', initialValues: { email: email ?? '', password: '' } });
  const login = useMutation({
    meta: { handlesProblem: true },
    mutationFn: (values: { email: string; password: string }) => signIn(values.email.trim(), values.password),
    onSuccess: onDone,
  });
  const refused = (error: unknown): string => {
    if (error instanceof ApiProblem && error.kind === 'login-failed') return t('failed');
    if (error instanceof ApiProblem && error.status === 429)
      return t('wait', { seconds: error.retryAfterSeconds ?? 60 });
    if (error instanceof ApiProblem && error.status === 422) return t('failed');
    const { title, advice } = words(error);
    return `${title}. ${advice}`;
  };
  return (
    <form className={classes.form} onSubmit={form.onSubmit((values) => login.mutate(values))}>
      {login.error && (
        <Alert color="red" variant="light" role="alert">
          {refused(login.error)}
        </Alert>
      )}
      <TextInput
        label={t('email')}
        type="email"
        autoComplete="username"
        required
        withAsterisk={false}
        data-autofocus={email ? undefined : true}
        autoFocus={!email}
        {...form.getInputProps('email')}
      />
      <PasswordInput
        label={t('password')}
        autoComplete="current-password"
        required
        withAsterisk={false}
        data-autofocus={email ? true : undefined}
        {...form.getInputProps('password')}
      />
      <Button type="submit" size="sm" fullWidth loading={login.isPending}>
        {t('sign_in')}
      </Button>
    </form>
  );
}

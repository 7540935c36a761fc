import { Button, Group, PasswordInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslations } from 'use-intl';
import { ApiProblem } from '@/api/problem';
import { useChangePassword } from '@/api/queries/sessions';
import { useFieldErrors } from '@/ui/formProblems';
import { toastDone } from '@/ui/toast';

/** Another password, for the one that is known. */
export function PasswordForm({ email }: { email: string }) {
  const t = useTranslations('profile');
  const form = useForm({ initialValues: { current_password: '', new_password: '' } });
  const change = useChangePassword();
  const fieldErrors = useFieldErrors();
  const submit = (values: typeof form.values) =>
    change.mutate(values, {
      onSuccess: () => {
        form.reset();
        toastDone(t('changed'));
      },
      onError: (error) => {
        if (error instanceof ApiProblem && error.kind === 'too-many-failures')
          form.setFieldError('current_password', t('too_many', { seconds: error.retryAfterSeconds ?? 60 }));
        else fieldErrors(form, error);
      },
    });
  const field = { required: true, withAsterisk: false, maxLength: 256 };
  return (
    <form onSubmit={form.onSubmit(submit)} style={{ display: 'contents' }}>
      {/* For password managers, which look for whose password it is. */}
      <input type="email" name="username" autoComplete="username" value={email} readOnly hidden />
      <PasswordInput
        label={t('current')}
        autoComplete="current-password"
        {...field}
        {...form.getInputProps('current_password')}
      />
      <PasswordInput
        label={t('new')}
        description={t('new_hint')}
        autoComplete="new-password"
        minLength={15}
        {...field}
        {...form.getInputProps('new_password')}
      />
      <Group justify="flex-end">
        <Button type="submit" variant="default" loading={change.isPending}>
          {t('change')}
        </Button>
      </Group>
    </form>
  );
}

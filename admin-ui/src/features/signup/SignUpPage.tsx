import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { ApiProblem } from '@/api/problem';
import { signUp } from '@/api/queries/signups';
import type { SignupOut } from '@/api/schema';
import { place } from '@/auth/site';
import { useFieldErrors } from '@/ui/formProblems';
import { PublicFrame } from '@/ui/PublicFrame';
import { slugOf } from './slug';
import classes from './signup.module.css';

/** A builder applies for a workspace. */
export function SignUpPage() {
  const [sent, setSent] = useState<SignupOut | null>(null);
  return sent ? <CheckMail application={sent} onBack={() => setSent(null)} /> : <SignUpForm onSent={setSent} />;
}

function SignUpForm({ onSent }: { onSent: (application: SignupOut) => void }) {
  const t = useTranslations('signup.form');
  const form = useForm({
    initialValues: { company_name: '', slug: '', admin_name: '', email: '', password: '' },
  });
  const fieldErrors = useFieldErrors();
  const apply = useMutation({
    meta: { handlesProblem: true },
    mutationFn: signUp,
    onSuccess: onSent,
    onError: (error) => {
      if (error instanceof ApiProblem && error.kind === 'slug-taken') form.setFieldError('slug', t('slug_taken'));
      else fieldErrors(form, error);
    },
  });
  // The address follows the name until somebody writes another.
  const named = (company: string) => {
    if (form.values.slug === slugOf(form.values.company_name)) form.setFieldValue('slug', slugOf(company));
    form.setFieldValue('company_name', company);
  };
  const field = { required: true, withAsterisk: false };
  return (
    <PublicFrame
      title={t('title')}
      text={t('text')}
      footer={
        <>
          {t('have_one')} <Link to="/sign-in">{t('sign_in')}</Link>
        </>
      }
    >
      <form className={classes.form} onSubmit={form.onSubmit((values) => apply.mutate(values))}>
        <TextInput
          {...field}
          label={t('company')}
          autoComplete="organization"
          maxLength={200}
          autoFocus
          {...form.getInputProps('company_name')}
          onChange={(event) => named(event.currentTarget.value)}
        />
        <TextInput
          {...field}
          label={t('slug')}
          description={t('slug_hint')}
          rightSection={<span className={classes.suffix}>.{place.base}</span>}
          rightSectionWidth={96}
          autoCapitalize="none"
          spellCheck={false}
          pattern="[a-z][a-z0-9\-]{2,39}"
          {...form.getInputProps('slug')}
        />
        <TextInput
          {...field}
          label={t('name')}
          autoComplete="name"
          maxLength={200}
          {...form.getInputProps('admin_name')}
        />
        <TextInput {...field} label={t('email')} type="email" autoComplete="email" {...form.getInputProps('email')} />
        <PasswordInput
          {...field}
          label={t('password')}
          description={t('password_hint')}
          autoComplete="new-password"
          minLength={15}
          maxLength={256}
          {...form.getInputProps('password')}
        />
        <Button type="submit" size="sm" loading={apply.isPending}>
          {t('submit')}
        </Button>
      </form>
    </PublicFrame>
  );
}

function CheckMail({ application, onBack }: { application: SignupOut; onBack: () => void }) {
  const t = useTranslations('signup.sent');
  return (
    <PublicFrame
      title={t('title')}
      text={t('text', { email: application.email, company: application.company_name })}
      footer={t('again')}
    >
      <Button variant="default" onClick={onBack}>
        {t('back')}
      </Button>
    </PublicFrame>
  );
}

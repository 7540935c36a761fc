import { createFileRoute } from '@tanstack/react-router';
import { VerifyEmailPage } from '@/features/signup/VerifyEmailPage';

export const Route = createFileRoute('/verify-email')({
  validateSearch: ({ token }): { token?: string } => (typeof token === 'string' && token ? { token } : {}),
  component: VerifyEmailPage,
});

import { createFileRoute } from '@tanstack/react-router';
import { SignInPage } from '@/features/auth/SignInPage';

interface Search {
  /** Where to go afterwards: a path of this host. */
  next?: string;
}

export const Route = createFileRoute('/sign-in')({
  // `//host` and `/\host` would leave this host.
  validateSearch: ({ next }): Search => (typeof next === 'string' && /^\/(?![/\\])/.test(next) ? { next } : {}),
  component: SignInPage,
});

import { createFileRoute, notFound, redirect } from '@tanstack/react-router';
import { meOptions } from '@/api/queries/me';
import { session } from '@/auth/session';
import { place } from '@/auth/site';
import { Shell } from '@/shell/Shell';

/** Everything behind the sign-in. Loaders of the pages below run beside this one's. */
export const Route = createFileRoute('/_app')({
  beforeLoad: async ({ location }) => {
    if (place.site === 'public') throw redirect({ to: '/welcome' });
    const inConsole = location.pathname === '/platform' || location.pathname.startsWith('/platform/');
    if (place.site === 'console' && location.pathname === '/') throw redirect({ to: '/platform' });
    if ((place.site === 'console') !== inConsole) throw notFound();
    if (session.state !== 'expired' && !(await session.token())) {
      throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { next: location.href } });
    }
  },
  loader: ({ context }) => context.queryClient.ensureQueryData(meOptions),
  component: Shell,
});

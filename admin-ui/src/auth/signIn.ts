import { publicApi, api, unwrap } from '@/api/client';
import { session } from './session';
import { place } from './site';

/** Logs in on this host: to its workspace, or to the console. The refresh token comes as a cookie. */
export async function signIn(email: string, password: string): Promise<void> {
  session.opened(await unwrap(publicApi.POST('/v1/auth/login', { body: { email, password, client: 'browser' } })));
}

/** Ends the session on the server, and here even when the server cannot be reached. */
export async function signOut(): Promise<void> {
  const ended = place.site === 'console' ? api.POST('/v1/platform/logout') : api.POST('/v1/auth/logout');
  await unwrap(ended).catch(() => undefined);
  session.closed();
}

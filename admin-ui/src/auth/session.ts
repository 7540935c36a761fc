import type { TokensOut } from '@/api/schema';

/**
 * The session of this tab. The access token lives in this module's memory and nowhere else; the refresh token is a cookie
 * that scripts cannot read. One refresh at a time over all tabs (Web Locks); its outcome is told to the others.
 */

export type SessionState = 'unknown' | 'signed-in' | 'expired' | 'signed-out';

interface Access {
  token: string;
  /** Milliseconds of `performance.timeOrigin + performance.now()`: wall clocks may jump. */
  expiresAt: number;
}

type Notice = { kind: 'renewed'; access: Access } | { kind: 'signed-out' };

/** Renew this long before the token ends. */
const EARLY_MS = 60_000;
const LOCK = 'keystead-refresh';

const now = () => performance.timeOrigin + performance.now();

export class SessionStore {
  #access: Access | null = null;
  #state: SessionState = 'unknown';
  #renewing: Promise<string | null> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastUse = 0;
  readonly #listeners = new Set<() => void>();
  readonly #tabs: BroadcastChannel | null;
  readonly #send: typeof fetch;

  constructor(send: typeof fetch, tabs: BroadcastChannel | null) {
    this.#send = send;
    this.#tabs = tabs;
    tabs?.addEventListener('message', (event: MessageEvent<Notice>) => {
      if (event.data.kind === 'renewed') this.#keep(event.data.access, false);
      else this.#end('signed-out');
    });
  }

  get state(): SessionState {
    return this.#state;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The access token, renewed first if it ended; null without a session. */
  async token(): Promise<string | null> {
    this.#lastUse = now();
    if (this.#access && this.#access.expiresAt > now()) return this.#access.token;
    if (this.#state === 'signed-out' || this.#state === 'expired') return null;
    return this.renew();
  }

  /** A new token, unless another request or tab has replaced `outdated` already. Null when the session ended. */
  renew(outdated?: string): Promise<string | null> {
    if (outdated && this.#access && this.#access.token !== outdated) return Promise.resolve(this.#access.token);
    this.#renewing ??= this.#locked().finally(() => (this.#renewing = null));
    return this.#renewing;
  }

  /** Takes the answer of a login. */
  opened(tokens: TokensOut): void {
    this.#keep(accessOf(tokens), true);
  }

  /** Forgets the session here and in the other tabs; the caller has ended it on the server. */
  closed(): void {
    this.#end('signed-out');
    this.#tabs?.postMessage({ kind: 'signed-out' } satisfies Notice);
  }

  /** Says that a person is here: what keeps a session from being let to expire. */
  readonly used = (): void => {
    this.#lastUse = now();
  };

  async #locked(): Promise<string | null> {
    const before = this.#access?.token;
    const locks = globalThis.navigator?.locks;
    const work = async () => {
      // Another tab may have renewed while this one waited for the lock.
      if (this.#access && this.#access.token !== before) return this.#access.token;
      return this.#refresh();
    };
    return locks ? locks.request(LOCK, work) : work();
  }

  async #refresh(): Promise<string | null> {
    const response = await this.#send('/v1/auth/refresh', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
      credentials: 'same-origin',
    });
    if (response.status === 401) {
      this.#end(this.#state === 'signed-in' ? 'expired' : 'signed-out');
      return null;
    }
    // Anything else is not an answer about the session: the request that asked fails, the session stays.
    if (!response.ok) throw new TypeError(`refresh answered ${response.status}`);
    const access = accessOf((await response.json()) as TokensOut);
    this.#keep(access, true);
    return access.token;
  }

  #keep(access: Access, tell: boolean): void {
    this.#access = access;
    this.#set('signed-in');
    if (tell) this.#tabs?.postMessage({ kind: 'renewed', access } satisfies Notice);
    clearTimeout(this.#timer);
    const since = now();
    this.#timer = setTimeout(() => void this.#renewIfUsed(since), Math.max(access.expiresAt - now() - EARLY_MS, 0));
  }

  /** A session that nobody used is left to end: idle limits are the server's to keep, not ours to defeat. */
  async #renewIfUsed(since: number): Promise<void> {
    if (this.#lastUse > since) await this.renew().catch(() => undefined);
    else this.#timer = setTimeout(() => this.#end('expired'), Math.max((this.#access?.expiresAt ?? 0) - now(), 0));
  }

  #end(state: 'expired' | 'signed-out'): void {
    this.#access = null;
    clearTimeout(this.#timer);
    this.#set(state);
  }

  #set(state: SessionState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

function accessOf(tokens: TokensOut): Access {
  return { token: tokens.access_token, expiresAt: now() + tokens.expires_in_seconds * 1000 };
}

// eslint-disable-next-line no-restricted-globals -- a refresh must not go through the client that asks for one
const send: typeof fetch = (input, init) => fetch(input, init);

export const session = new SessionStore(
  send,
  typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('keystead-session'),
);

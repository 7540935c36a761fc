import createClient, { type Middleware } from 'openapi-fetch';
import { session } from '@/auth/session';
import { ApiProblem } from './problem';
import type { paths } from './schema';

// A request's body can be read once: what a repeat after a refresh needs is kept until the answer.
const repeats = new WeakMap<Request, Request>();

const bearer: Middleware = {
  async onRequest({ request }) {
    const token = await session.token();
    if (token) request.headers.set('authorization', `Bearer ${token}`);
    repeats.set(request, request.clone());
    return request;
  },
  async onResponse({ request, response }) {
    if (response.status !== 401 || !request.headers.has('authorization')) return undefined;
    const repeat = repeats.get(request);
    const token = await session.renew(request.headers.get('authorization')?.slice('Bearer '.length));
    if (!repeat || !token) return undefined;
    repeat.headers.set('authorization', `Bearer ${token}`);
    return send(repeat);
  },
};

// eslint-disable-next-line no-restricted-globals -- the one place that sends
const send = (request: Request) => fetch(request);

/** The generated client. Answers go through {@link unwrap} or {@link versioned}. */
export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: (request) => send(request) });
api.use(bearer);

/** The client without a session, for what is public. */
export const publicApi = createClient<paths>({ baseUrl: window.location.origin, fetch: (request) => send(request) });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of an answer; throws {@link ApiProblem} when it is an error or never came. */
export async function unwrap<T>(answer: Promise<Answer<T>>): Promise<T> {
  return (await read(answer)).data as T;
}

/** A record with the version that a change of it must name. */
export interface Versioned<T> {
  data: T;
  etag: string;
}

/** Like {@link unwrap}, with the `ETag`. */
export async function versioned<T>(answer: Promise<Answer<T>>): Promise<Versioned<T>> {
  const { data, response } = await read(answer);
  return { data: data as T, etag: response.headers.get('etag') ?? '' };
}

async function read<T>(answer: Promise<Answer<T>>): Promise<Answer<T>> {
  let settled: Answer<T>;
  try {
    settled = await answer;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw ApiProblem.offline();
  }
  if (!settled.response.ok) throw ApiProblem.from(settled.response, settled.error);
  return settled;
}

/** A key that makes a repeated creation harmless: make it once per form, not once per click. */
export function idempotencyKey(): string {
  return crypto.randomUUID();
}

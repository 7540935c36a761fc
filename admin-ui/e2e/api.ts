import { inject } from 'vitest';

type Json = Record<string, unknown>;

/** The API as a client of its own: what a flow needs to be there, and is not about. */
export class Api {
  readonly #token: string;

  private constructor(token: string) {
    this.#token = token;
  }

  static async as(email: string, password: string, tenant?: string): Promise<Api> {
    const body = { email, password, client: 'native', ...(tenant ? { tenant } : {}) };
    const { access_token } = (await call('', 'POST', '/v1/auth/login', body)) as { access_token: string };
    return new Api(access_token);
  }

  static operator(): Promise<Api> {
    return Api.as('operator@keystead.test', inject('platform').operatorPassword);
  }

  static demo(role: string): Promise<Api> {
    return Api.as(`${role}@demo.test`, inject('platform').demoPassword, 'demo');
  }

  get(path: string): Promise<Json> {
    return call(this.#token, 'GET', path);
  }

  post(path: string, body: unknown = {}): Promise<Json> {
    return call(this.#token, 'POST', path, body);
  }

  /** The first page of a list. */
  async list(path: string): Promise<Json[]> {
    return (await this.get(path))['items'] as Json[];
  }
}

/** A call without a session. */
export function visitor(path: string, body: unknown): Promise<Json> {
  return call('', 'POST', path, body);
}

async function call(token: string, method: string, path: string, body?: unknown): Promise<Json> {
  const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) };
  // eslint-disable-next-line no-restricted-globals -- not the UI: a client of its own
  const answer = await fetch(inject('platform').api + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? {} : ((await answer.json()) as Json);
}

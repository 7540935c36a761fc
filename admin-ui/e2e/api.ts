type Json = Record<string, unknown>;

/** Where the platform is, and who may enter. */
export interface Entrance {
  api: string;
  mailbox: string;
  demoPassword: string;
  operatorPassword: string;
}

/** The API as a client of its own: what a flow needs to be there, and is not about. */
export class Api {
  readonly #api: string;
  readonly #token: string;

  private constructor(api: string, token: string) {
    this.#api = api;
    this.#token = token;
  }

  static async as(api: string, email: string, password: string, tenant?: string): Promise<Api> {
    const body = { email, password, client: 'native', ...(tenant ? { tenant } : {}) };
    const { access_token } = (await new Api(api, '').post('/v1/auth/login', body)) as { access_token: string };
    return new Api(api, access_token);
  }

  static operator({ api, operatorPassword }: Entrance): Promise<Api> {
    return Api.as(api, 'operator@keystead.test', operatorPassword);
  }

  /** Somebody of the demo builder. */
  static demo({ api, demoPassword }: Entrance, role: string): Promise<Api> {
    return Api.as(api, `${role}@demo.test`, demoPassword, 'demo');
  }

  static visitor({ api }: Entrance): Api {
    return new Api(api, '');
  }

  get(path: string): Promise<Json> {
    return this.#call('GET', path);
  }

  post(path: string, body: unknown = {}): Promise<Json> {
    return this.#call('POST', path, body);
  }

  /** The first page of a list. */
  async list(path: string): Promise<Json[]> {
    return (await this.get(path))['items'] as Json[];
  }

  async #call(method: string, path: string, body?: unknown): Promise<Json> {
    const headers = {
      'content-type': 'application/json',
      ...(this.#token ? { authorization: `Bearer ${this.#token}` } : {}),
    };
    const answer = await fetch(this.#api + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? {} : ((await answer.json()) as Json);
  }
}

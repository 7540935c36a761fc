type Json = Record<string, unknown>;

/** Where the platform is, and who may enter. */
export interface Entrance {
  /** The edge's: `http://demo.localhost:<port>`. */
  port: number;
  /** The origin of the file store. */
  files: string;
  mailbox: string;
  /** The key service: a double, which can be told to fail. */
  kms: string;
  /** The folder with what the platform keeps and logs. */
  state: string;
  demoPassword: string;
  operatorPassword: string;
}

/** The API, through the edge, as a client of its own: what a flow needs to be there, and is not about. */
export class Api {
  readonly #origin: string;
  readonly #token: string;

  private constructor({ port }: Entrance, token: string) {
    this.#origin = `http://localhost:${port}`;
    this.#token = token;
  }

  static async as(entrance: Entrance, email: string, password: string, tenant?: string): Promise<Api> {
    const body = { email, password, client: 'native', ...(tenant ? { tenant } : {}) };
    const answer = await Api.visitor(entrance).post('/v1/auth/login', body);
    return new Api(entrance, String(answer['access_token']));
  }

  static operator(entrance: Entrance): Promise<Api> {
    return Api.as(entrance, 'operator@keystead.test', entrance.operatorPassword);
  }

  /** Somebody of the demo builder. */
  static demo(entrance: Entrance, role: string): Promise<Api> {
    return Api.as(entrance, `${role}@demo.test`, entrance.demoPassword, 'demo');
  }

  static visitor(entrance: Entrance): Api {
    return new Api(entrance, '');
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
    const answer = await fetch(this.#origin + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? {} : ((await answer.json()) as Json);
  }
}

import type { FieldProblem } from '@/api/problem';
import type { MeOut, Permission, Problem } from '@/api/schema';

/** What a problem may carry besides its kind. */
interface Particulars {
  blocked_by?: Problem['blocked_by'];
  errors?: FieldProblem[];
}

/** An answer of the API: a body, a body with an ETag, a problem by its status, or none at all (still loading). */
export type Answer = { body: unknown; etag?: string } | ({ problem: number; kind?: string } & Particulars) | 'never';

/** `GET /v1/contracts` → answer; the query is not part of the key. */
export type Answers = Record<string, Answer | ((request: Request) => Answer)>;

/** A screen in one of its states: a path of the app and what the API answers there. */
export interface Story {
  path: string;
  answers: Answers;
  /** A text that must come to be on the screen. */
  shows: string | RegExp;
}

/** What a `*.stories.tsx` exports: `export const stories: Stories = { loading, empty, error, full }`. */
export type Stories = Record<'loading' | 'empty' | 'error' | 'full', Story> & Record<string, Story>;

const EVERYTHING: Permission[] = [
  'settings.read',
  'settings.manage',
  'members.read',
  'members.manage',
  'projects.read',
  'projects.manage',
  'units.read',
  'units.manage',
  'files.read',
  'files.manage',
  'contacts.read',
  'contacts.manage',
  'contacts.reveal',
  'contacts.erase',
  'contracts.read',
  'contracts.write',
  'contracts.approve',
  'contracts.cancel',
  'audit.read',
];

/** A member who may do everything. */
export const everybody: MeOut = {
  identity_id: 'idn_1',
  session_id: 'ses_1',
  name: 'Ada Byron',
  email: 'ada@acme.test',
  locale: null,
  time_zone: null,
  membership: {
    member_id: 'mem_1',
    tenant_id: 'ten_1',
    tenant: 'acme',
    tenant_name: 'Acme Homes',
    role: 'admin',
    permissions: EVERYTHING,
    project_ids: null,
  },
};

const SESSION: Answers = {
  'POST /v1/auth/refresh': { body: { access_token: 'story', token_type: 'Bearer', expires_in_seconds: 900 } },
  'GET /v1/me': { body: everybody, etag: '"1"' },
  'GET /v1/platform/me': {
    body: { identity_id: 'idn_2', session_id: 'ses_2', name: 'Olga Operator', email: 'olga@keystead.test' },
  },
};

const problem = (status: number, kind = 'story', particulars: Particulars = {}) => ({
  type: `urn:keystead:problem:${kind}`,
  title: 'Story',
  status,
  instance: 'req_story',
  ...particulars,
});

/** The API of a story, in the place of `fetch`. What it does not know is a 404 that names it. */
export function apiOf(story: Story): typeof fetch {
  const answers = { ...SESSION, ...story.answers };
  return (input, init) => {
    const request = input instanceof Request ? input : new Request(new URL(String(input), location.href), init);
    const key = `${request.method} ${new URL(request.url).pathname}`;
    const given = answers[key];
    const answer = typeof given === 'function' ? given(request) : given;
    if (answer === 'never') return new Promise(() => undefined);
    const headers = { 'content-type': 'application/json' };
    if (!answer)
      return Promise.resolve(
        Response.json({ ...problem(404), detail: `no answer for ${key}` }, { status: 404, headers }),
      );
    if ('problem' in answer) {
      const { problem: status, kind, ...particulars } = answer;
      return Promise.resolve(Response.json(problem(status, kind, particulars), { status, headers }));
    }
    return Promise.resolve(
      Response.json(answer.body, { headers: { ...headers, ...(answer.etag ? { etag: answer.etag } : {}) } }),
    );
  };
}

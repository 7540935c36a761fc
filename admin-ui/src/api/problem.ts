import type { Problem } from './schema';

/** A field that was refused, and why. */
export interface FieldProblem {
  /** A JSON pointer into the body, or the name of a query parameter or header. */
  pointer: string;
  /** In English, and as exact as can be. */
  message: string;
  /** What other languages have a sentence for, such as `too_long`. */
  code: string;
}

/** A refused request (RFC 9457), or `offline` / `unreadable` when no problem document came back. */
export class ApiProblem extends Error {
  readonly status: number;
  /** The last part of the `type` URN: what code switches on, such as `unit-under-contract`. */
  readonly kind: string;
  readonly title: string;
  readonly detail: string | null;
  /** The request's id, for support. */
  readonly requestId: string | null;
  readonly fields: readonly FieldProblem[];
  /** What has to be dealt with first. */
  readonly blockedBy: readonly { id: string; name: string }[];
  readonly currentVersion: number | null;
  readonly retryAfterSeconds: number | null;

  constructor(status: number, problem: Partial<Problem>, kind: string, retryAfterSeconds: number | null = null) {
    super(problem.title ?? kind);
    this.name = 'ApiProblem';
    this.status = status;
    this.kind = kind;
    this.title = problem.title ?? '';
    this.detail = problem.detail ?? null;
    this.requestId = problem.instance ?? null;
    this.fields = problem.errors ?? [];
    this.blockedBy = problem.blocked_by ?? [];
    this.currentVersion = problem.current_version ?? null;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  static from(response: Response, body: unknown): ApiProblem {
    const problem: Partial<Problem> = isProblem(body) ? body : {};
    const kind = problem.type?.split(':').at(-1) ?? 'unreadable';
    const retry = Number(response.headers.get('retry-after'));
    const fromHeader = response.headers.get('x-request-id');
    const instance = problem.instance ?? fromHeader;
    return new ApiProblem(
      response.status,
      instance ? { ...problem, instance } : problem,
      kind,
      Number.isFinite(retry) && retry > 0 ? retry : null,
    );
  }

  static offline(): ApiProblem {
    return new ApiProblem(0, {}, 'offline');
  }
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'type' in body && 'status' in body;
}

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SessionStore } from './session';

const minute = 60_000;
let calls: number;

const answering = (...statuses: number[]): typeof fetch => {
  calls = 0;
  return () => {
    const status = statuses[Math.min(calls, statuses.length - 1)] ?? 200;
    calls += 1;
    const body = { access_token: `token-${calls}`, token_type: 'Bearer', expires_in_seconds: 900 };
    return Promise.resolve(Response.json(status === 200 ? body : {}, { status }));
  };
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('asks once, however many requests wait for a token', async () => {
  const session = new SessionStore(answering(200), null);
  const tokens = await Promise.all([session.token(), session.token(), session.renew()]);
  expect(tokens).toEqual(['token-1', 'token-1', 'token-1']);
  expect(calls).toBe(1);
});

it('renews before the token ends while somebody is there', async () => {
  const session = new SessionStore(answering(200), null);
  await session.token();
  vi.advanceTimersByTime(5 * minute);
  session.used();
  await vi.advanceTimersByTimeAsync(9.5 * minute);
  expect(calls).toBe(2);
  expect(await session.token()).toBe('token-2');
});

it('lets a session end that nobody uses', async () => {
  const session = new SessionStore(answering(200), null);
  await session.token();
  await vi.advanceTimersByTimeAsync(16 * minute);
  expect(calls).toBe(1);
  expect(session.state).toBe('expired');
  expect(await session.token()).toBeNull();
});

it('tells an ended session from one that never was', async () => {
  const never = new SessionStore(answering(401), null);
  expect(await never.token()).toBeNull();
  expect(never.state).toBe('signed-out');
  const ended = new SessionStore(answering(200, 401), null);
  await ended.token();
  await ended.renew('token-1');
  expect(ended.state).toBe('expired');
});

it('keeps the session when the answer says nothing about it', async () => {
  const session = new SessionStore(answering(200, 503), null);
  await session.token();
  await expect(session.renew('token-1')).rejects.toThrow();
  expect(session.state).toBe('signed-in');
});

it('does not renew what a request or another tab has renewed already', async () => {
  const session = new SessionStore(answering(200), null);
  await session.token();
  expect(await session.renew('an older one')).toBe('token-1');
  expect(calls).toBe(1);
});

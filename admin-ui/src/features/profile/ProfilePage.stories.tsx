import { everybody, type Answer, type Stories } from '@/stories/story';

const session = (id: string, current: boolean, user_agent: string | null) => ({
  id,
  current,
  user_agent,
  created_at: '2026-11-20T08:00:00Z',
  last_used_at: '2026-11-20T17:00:00Z',
  network: '203.0.113.0/24',
});
const firefox = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:128.0) Gecko/20100101 Firefox/128.0';
const story = (sessions: Answer, shows: string) => ({
  path: '/profile',
  shows,
  answers: { 'GET /v1/me': { body: everybody, etag: '"1"' }, 'GET /v1/me/sessions': sessions },
});

export const stories: Stories = {
  loading: story('never', 'Profile and sessions'),
  empty: story(
    { body: { items: [session('ses_1', true, firefox)], next_cursor: null } },
    'You are signed in here only.',
  ),
  error: story({ problem: 500 }, 'Something failed on our side'),
  full: story(
    { body: { items: [session('ses_1', true, firefox), session('ses_2', false, null)], next_cursor: null } },
    'Firefox on macOS',
  ),
};

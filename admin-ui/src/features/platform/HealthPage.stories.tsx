import type { Stories } from '@/stories/story';
import { health } from './sample';

const path = '/platform/health';
const one = 'GET /v1/platform/health';
const quiet = { waiting: 0, failing: 0, parked: 0, oldest_at: null, parked_items: [] };

export const stories: Stories = {
  loading: { path, answers: { [one]: 'never' }, shows: 'Asked anew every five seconds' },
  empty: { path, answers: { [one]: { body: { checks: [], mail: quiet } } }, shows: 'No mail was given up.' },
  error: { path, answers: { [one]: { problem: 503 } }, shows: 'A part of the platform is away' },
  full: { path, answers: { [one]: { body: health } }, shows: 'mailbox unavailable' },
};

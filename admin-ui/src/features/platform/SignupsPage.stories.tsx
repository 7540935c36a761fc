import { page } from '@/features/contracts/sample';
import type { Stories } from '@/stories/story';
import { signup } from './sample';

const path = '/platform/signups';
const list = 'GET /v1/platform/signups';

export const stories: Stories = {
  loading: { path, answers: { [list]: 'never' }, shows: 'Received' },
  empty: { path, answers: { [list]: page([]) }, shows: 'Nobody signed up yet' },
  error: { path, answers: { [list]: { problem: 503 } }, shows: 'A part of the platform is away' },
  full: { path, answers: { [list]: page([signup]) }, shows: 'Quay Homes' },
};

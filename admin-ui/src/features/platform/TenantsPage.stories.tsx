import { page } from '@/features/contracts/sample';
import type { Stories } from '@/stories/story';
import { acme } from './sample';

const path = '/platform/tenants';
const list = 'GET /v1/platform/tenants';

export const stories: Stories = {
  loading: { path, answers: { [list]: 'never' }, shows: 'Member limit' },
  empty: { path, answers: { [list]: page([]) }, shows: 'No tenants yet' },
  error: { path, answers: { [list]: { problem: 503 } }, shows: 'A part of the platform is away' },
  full: { path, answers: { [list]: page([acme]) }, shows: 'Acme Homes' },
};

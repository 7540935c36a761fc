import { page } from '@/features/contracts/sample';
import type { Stories } from '@/stories/story';
import { around } from './MembersPage.stories';

const path = '/members?show=roles';
const list = 'GET /v1/roles';

export const stories: Stories = {
  loading: { path, answers: { ...around, [list]: 'never' }, shows: 'Roles' },
  empty: { path, answers: { ...around, [list]: page([]) }, shows: 'No roles' },
  error: { path, answers: { ...around, [list]: { problem: 503 } }, shows: 'A part of the platform is away' },
  full: { path, answers: around, shows: 'Draft and submit' },
};

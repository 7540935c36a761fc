import { page } from '@/features/contracts/sample';
import type { Stories } from '@/stories/story';
import { around } from './MembersPage.stories';

const path = '/members?show=invitations';
const list = 'GET /v1/invitations';

export const stories: Stories = {
  loading: { path, answers: { ...around, [list]: 'never' }, shows: 'Invited by' },
  empty: { path, answers: { ...around, [list]: page([]) }, shows: 'Nobody is invited at the moment' },
  error: { path, answers: { ...around, [list]: { problem: 503 } }, shows: 'A part of the platform is away' },
  full: { path, answers: around, shows: 'alan@acme.test' },
};

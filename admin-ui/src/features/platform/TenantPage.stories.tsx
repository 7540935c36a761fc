import { page } from '@/features/contracts/sample';
import type { Answers, Stories } from '@/stories/story';
import { acme, stuck, usage } from './sample';

const path = '/platform/tenants/tnt_1';
const one = 'GET /v1/platform/tenants/tnt_1';

export const around: Answers = {
  [one]: { body: acme, etag: '"3"' },
  'GET /v1/platform/tenants/tnt_1/usage': { body: usage },
  'GET /v1/platform/tenants': page([acme]),
  'GET /v1/platform/log': page([]),
};

export const stories: Stories = {
  loading: { path, answers: { ...around, [one]: 'never' }, shows: 'Tenants' },
  empty: { path: `${path}?tab=log`, answers: around, shows: 'Nothing happened yet' },
  error: { path, answers: { ...around, [one]: { problem: 404 } }, shows: 'There is nothing here' },
  full: { path, answers: around, shows: 'Members and invitations' },
  stuck: {
    path,
    answers: { ...around, [one]: { body: stuck, etag: '"1"' } },
    shows: 'the key service did not answer',
  },
};

import type { Stories } from '@/stories/story';

const settings = { name: 'Acme Homes', time_zone: 'America/Los_Angeles', currency: 'USD', locale: 'en-US' };
const path = '/settings';

export const stories: Stories = {
  loading: { path, answers: { 'GET /v1/settings': 'never' }, shows: 'Settings' },
  empty: { path, answers: { 'GET /v1/settings': { body: { ...settings, name: '' }, etag: '"1"' } }, shows: 'Company' },
  error: { path, answers: { 'GET /v1/settings': { problem: 500 } }, shows: 'Something failed on our side' },
  full: {
    path,
    answers: { 'GET /v1/settings': { body: settings, etag: '"3"' } },
    shows: 'What new projects start with',
  },
};

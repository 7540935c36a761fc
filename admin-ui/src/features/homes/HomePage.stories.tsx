import type { Stories } from '@/stories/story';
import { home, homes, site } from './samples';

const one = (answer: (typeof site)[string]) => ({ ...site, 'GET /v1/units/unt_101': answer });

export const stories: Stories = {
  loading: { path: '/homes/unt_101', answers: one('never'), shows: 'Homes' },
  error: { path: '/homes/unt_101', answers: one({ problem: 404 }), shows: 'There is nothing here' },
  empty: { path: '/homes/unt_101', answers: one({ body: home('101'), etag: '"1"' }), shows: 'No contract yet.' },
  full: {
    path: '/homes/unt_101',
    answers: one({ body: homes[0], etag: '"1"' }),
    shows: 'Kept from sale: Sales office.',
  },
};

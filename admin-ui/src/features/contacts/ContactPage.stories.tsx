import { page, site } from '@/features/homes/samples';
import type { Answers, Stories } from '@/stories/story';
import { erased, jane } from './samples';

const path = '/contacts/cnt_1';
const around: Answers = { ...site, 'GET /v1/audit/events': page() };

export const stories: Stories = {
  loading: { path, answers: { ...around, 'GET /v1/contacts/cnt_1': 'never' }, shows: 'Contacts' },
  empty: {
    path,
    answers: { ...around, 'GET /v1/contacts/cnt_1': { body: { ...jane, email: null, phone: null, address: null } } },
    shows: 'Interested in',
  },
  error: { path, answers: { ...around, 'GET /v1/contacts/cnt_1': { problem: 404 } }, shows: 'There is nothing here' },
  full: {
    path,
    answers: { ...around, 'GET /v1/contacts/cnt_1': { body: jane, etag: '"1"' } },
    shows: 'Reveal everything',
  },
  erased: {
    path,
    answers: { ...around, 'GET /v1/contacts/cnt_1': { body: erased } },
    shows: 'Erased person',
  },
  erasing: {
    path,
    answers: { ...around, 'GET /v1/contacts/cnt_1': { body: { ...erased, backups_closed_at: null } } },
    shows: 'in progress…',
  },
  damaged: {
    path,
    answers: {
      ...around,
      'GET /v1/contacts/cnt_1': {
        body: { ...jane, name: null, email: null, phone: null, address: null, damaged: true },
      },
    },
    shows: /no longer opens/,
  },
};

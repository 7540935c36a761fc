import type { Answers, Stories } from '@/stories/story';
import { draft, home, page, project } from './sample';

const contact = (id: string) => ({
  body: {
    id,
    project_id: 'prj_1',
    name: 'M. D.',
    email: 'm…@e….com',
    phone: '•••0141',
    address: 'Austin, TX',
    date_of_birth: null,
    damaged: false,
    created_at: '2026-11-20T18:00:00Z',
  },
});

export const around: Answers = {
  'GET /v1/projects': page([project]),
  'GET /v1/units/unt_1': { body: home, etag: '"1"' },
  'GET /v1/plans': page([]),
  'GET /v1/contacts/cnt_1': contact('cnt_1'),
  'GET /v1/contacts/cnt_2': contact('cnt_2'),
  'GET /v1/members': page([]),
  'GET /v1/audit/events': page([]),
  'GET /v1/contracts': page([]),
};

const path = '/contracts/ctr_1';
const one = 'GET /v1/contracts/ctr_1';

export const stories: Stories = {
  loading: { path, answers: { ...around, [one]: 'never' }, shows: 'Contract' },
  empty: {
    path: `${path}?tab=documents`,
    answers: { ...around, [one]: { body: draft, etag: '"1"' } },
    shows: 'No documents for this home',
  },
  error: { path, answers: { ...around, [one]: { problem: 404 } }, shows: 'There is nothing here' },
  full: { path, answers: { ...around, [one]: { body: draft, etag: '"1"' } }, shows: 'Agreed price' },
  cancelled: {
    path,
    answers: {
      ...around,
      [one]: {
        body: {
          ...draft,
          state: 'cancelled',
          cancelled_at: '2026-11-21T10:00:00Z',
          cancelled_by: 'mem_1',
          cancel_reason: 'financing_denied',
          cancel_note: 'The lender withdrew.',
        },
        etag: '"2"',
      },
    },
    shows: 'Financing denied',
  },
};

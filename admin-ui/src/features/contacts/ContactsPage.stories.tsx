import { page, site } from '@/features/homes/samples';
import type { Stories } from '@/stories/story';
import { erased, jane } from './samples';

const path = '/contacts';

export const stories: Stories = {
  loading: { path, answers: { ...site, 'GET /v1/contacts': 'never' }, shows: 'Loading more' },
  empty: { path, answers: { ...site, 'GET /v1/contacts': page() }, shows: 'No contacts yet' },
  error: { path, answers: { ...site, 'GET /v1/contacts': { problem: 503 } }, shows: 'A part of the platform is away' },
  full: { path, answers: { ...site, 'GET /v1/contacts': page(jane) }, shows: 'j…@e….com' },
  erased: {
    path,
    answers: { ...site, 'GET /v1/contacts': page(jane, { ...erased, id: 'cnt_2' }) },
    shows: 'Erased',
  },
  damaged: {
    path,
    answers: { ...site, 'GET /v1/contacts': page({ ...jane, name: null, email: null, phone: null, damaged: true }) },
    shows: 'Cannot be opened',
  },
};

import type { Stories } from '@/stories/story';
import { home, page, project } from './sample';

const path = '/contracts/new';

export const stories: Stories = {
  loading: { path, answers: { 'GET /v1/projects': 'never' }, shows: 'New contract' },
  empty: {
    path,
    answers: { 'GET /v1/projects': page([project]), 'GET /v1/units': page([]) },
    shows: 'No home to sell yet',
  },
  error: {
    path,
    answers: { 'GET /v1/projects': page([project]), 'GET /v1/units': { problem: 503 } },
    shows: 'A part of the platform is away',
  },
  full: {
    path: `${path}?unit_id=unt_1`,
    answers: {
      'GET /v1/projects': page([project]),
      'GET /v1/units': page([home]),
      'GET /v1/units/unt_1': { body: home, etag: '"1"' },
    },
    shows: 'List price when drafted',
  },
};

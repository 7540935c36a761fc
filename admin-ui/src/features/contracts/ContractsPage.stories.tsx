import type { Answers, Stories } from '@/stories/story';
import { draft, page, project, submitted } from './sample';

const look: Answers = { 'GET /v1/projects': page([project]) };

export const stories: Stories = {
  loading: { path: '/contracts', answers: { ...look, 'GET /v1/contracts': 'never' }, shows: 'Against list' },
  empty: { path: '/contracts', answers: { ...look, 'GET /v1/contracts': page([]) }, shows: 'No contracts yet' },
  error: {
    path: '/contracts',
    answers: { ...look, 'GET /v1/contracts': { problem: 503 } },
    shows: 'A part of the platform is away',
  },
  full: {
    path: '/contracts',
    answers: { ...look, 'GET /v1/contracts': page([submitted, draft]) },
    shows: 'FUSION-14',
  },
  filtered: {
    path: '/contracts?state=approved',
    answers: { ...look, 'GET /v1/contracts': page([]) },
    shows: 'No contract matches',
  },
};

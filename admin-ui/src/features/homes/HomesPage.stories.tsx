import type { Stories } from '@/stories/story';
import { boardOf, page, site } from './samples';

export const stories: Stories = {
  loading: { path: '/homes?project=prj_1', answers: { ...site, 'GET /v1/units': 'never' }, shows: 'Loading more' },
  empty: { path: '/homes?project=prj_1', answers: { ...site, 'GET /v1/units': page() }, shows: 'No homes yet' },
  error: {
    path: '/homes?project=prj_1',
    answers: { ...site, 'GET /v1/units': { problem: 503 } },
    shows: 'A part of the platform is away',
  },
  full: { path: '/homes?project=prj_1', answers: site, shows: 'Pending signature' },
  filtered: {
    path: '/homes?project=prj_1&status=offer',
    answers: { ...site, 'GET /v1/units': page() },
    shows: 'No home matches',
  },
  noProject: {
    path: '/homes',
    answers: { 'GET /v1/projects': page(), 'GET /v1/units': page() },
    shows: 'First, a project',
  },
  board: { path: '/homes?view=board', answers: site, shows: 'North Tower' },
  boardLoading: { path: '/homes?view=board', answers: { ...site, 'GET /v1/units/board': 'never' }, shows: 'Board' },
  boardError: {
    path: '/homes?view=board',
    answers: { ...site, 'GET /v1/units/board': { problem: 500 } },
    shows: 'Something failed on our side',
  },
  boardEmpty: {
    path: '/homes?view=board',
    answers: { ...site, 'GET /v1/units/board': boardOf() },
    shows: 'No homes yet',
  },
  grid: { path: '/homes?view=grid', answers: site, shows: 'Floor 2' },
};

import { page, site } from '@/features/homes/samples';
import type { Stories } from '@/stories/story';

const path = '/projects';

export const stories: Stories = {
  loading: { path, answers: { 'GET /v1/projects': 'never' }, shows: 'Loading more' },
  empty: { path, answers: { 'GET /v1/projects': page() }, shows: 'No projects yet' },
  error: { path, answers: { 'GET /v1/projects': { problem: 500 } }, shows: 'Something failed on our side' },
  full: { path, answers: site, shows: 'Harbor Point' },
};

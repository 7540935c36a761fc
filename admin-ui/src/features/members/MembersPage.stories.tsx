import { page, project } from '@/features/contracts/sample';
import type { Answers, Stories } from '@/stories/story';
import { ada, grace, invitation, roles } from './sample';

export const around: Answers = {
  'GET /v1/projects': page([project]),
  'GET /v1/members': page([grace, ada]),
  'GET /v1/roles': page(roles),
  'GET /v1/invitations': page([invitation]),
};

export const stories: Stories = {
  loading: { path: '/members', answers: { ...around, 'GET /v1/members': 'never' }, shows: 'Joined' },
  empty: { path: '/members', answers: { ...around, 'GET /v1/members': page([]) }, shows: 'You are alone here' },
  error: {
    path: '/members',
    answers: { ...around, 'GET /v1/members': { problem: 500 } },
    shows: 'Something failed on our side',
  },
  full: { path: '/members', answers: around, shows: 'Grace Hopper' },
};

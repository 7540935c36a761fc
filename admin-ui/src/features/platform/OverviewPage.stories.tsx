import { page } from '@/features/contracts/sample';
import type { Answers, Stories } from '@/stories/story';
import { acme, health, line, signup } from './sample';

const path = '/platform';
const all: Answers = {
  'GET /v1/platform/signups': page([signup]),
  'GET /v1/platform/tenants': page([acme]),
  'GET /v1/platform/health': { body: health },
  'GET /v1/platform/log': page([line]),
};

export const stories: Stories = {
  loading: { path, answers: { ...all, 'GET /v1/platform/signups': 'never' }, shows: 'Sign-ups' },
  empty: { path, answers: { ...all, 'GET /v1/platform/log': page([]) }, shows: 'Nothing happened yet.' },
  error: {
    path,
    answers: { ...all, 'GET /v1/platform/health': { problem: 500 } },
    shows: 'Something failed on our side',
  },
  full: { path, answers: all, shows: '1 sign-up waits for a decision' },
};

import { page, site } from '@/features/homes/samples';
import type { Answers, Stories } from '@/stories/story';

const path = '/onboarding';
const company = {
  body: { name: 'Acme Homes', time_zone: 'America/Los_Angeles', currency: 'USD', locale: 'en-US' },
  etag: '"1"',
};
export const blank: Answers = {
  'GET /v1/settings': company,
  'GET /v1/projects': page(),
  'GET /v1/members': page(),
  'GET /v1/invitations': page(),
  'GET /v1/contracts': page(),
};
export const begun: Answers = { ...site, ...blank, 'GET /v1/projects': site['GET /v1/projects']! };

export const stories: Stories = {
  loading: { path, answers: { ...blank, 'GET /v1/projects': 'never' }, shows: 'Get started' },
  empty: { path, answers: blank, shows: 'Continue' },
  error: { path, answers: { ...blank, 'GET /v1/projects': { problem: 503 } }, shows: 'A part of the platform is away' },
  full: { path, answers: begun, shows: 'Drop floorplans here, or click to choose' },
  project: { path: `${path}?step=project`, answers: blank, shows: 'Create project' },
  homes: { path: `${path}?step=homes`, answers: begun, shows: '4 homes in Harbor Point.' },
  people: { path: `${path}?step=people`, answers: begun, shows: 'Invite people' },
  contract: { path: `${path}?step=contract`, answers: begun, shows: 'Draft the first contract' },
};

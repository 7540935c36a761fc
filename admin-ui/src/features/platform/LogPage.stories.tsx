import { page } from '@/features/contracts/sample';
import type { Answers, Stories } from '@/stories/story';
import { line, operators } from './sample';

const path = '/platform/log';
const list = 'GET /v1/platform/log';
const around: Answers = { 'GET /v1/platform/operators': { body: operators } };

export const stories: Stories = {
  loading: { path, answers: { ...around, [list]: 'never' }, shows: 'Detail' },
  empty: { path, answers: { ...around, [list]: page([]) }, shows: 'Nothing happened yet' },
  error: { path, answers: { ...around, [list]: { problem: 503 } }, shows: 'A part of the platform is away' },
  full: { path, answers: { ...around, [list]: page([line]) }, shows: 'Reason: unpaid' },
};

import type { Stories } from '@/stories/story';
import { operators } from './sample';

const path = '/platform/operators';
const list = 'GET /v1/platform/operators';

export const stories: Stories = {
  loading: { path, answers: { [list]: 'never' }, shows: 'Invite an operator' },
  empty: { path, answers: { [list]: { body: { items: [], invited: [] } } }, shows: 'No operators' },
  error: { path, answers: { [list]: { problem: 503 } }, shows: 'A part of the platform is away' },
  full: { path, answers: { [list]: { body: operators } }, shows: 'Otto Operator' },
};

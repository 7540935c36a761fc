import { page, site } from '@/features/homes/samples';
import type { Stories } from '@/stories/story';

const path = '/homes/import?project=prj_1';
export const past = {
  id: 'imp_1',
  project_id: 'prj_1',
  file_name: 'price-list.csv',
  dry_run: false,
  state: 'running',
  failed_because: null,
  rows_read: 500,
  rows_imported: 498,
  rows_refused: 2,
  created_at: '2026-03-02T17:00:00Z',
};

export const stories: Stories = {
  loading: { path, answers: { ...site, 'GET /v1/projects': 'never' }, shows: 'Import homes' },
  empty: {
    path,
    answers: { ...site, 'GET /v1/imports': page() },
    shows: 'Drop a spreadsheet here, or click to choose',
  },
  noProject: { path, answers: { 'GET /v1/projects': page() }, shows: 'First, a project' },
  error: { path, answers: { 'GET /v1/projects': { problem: 503 } }, shows: 'A part of the platform is away' },
  full: { path, answers: { ...site, 'GET /v1/imports': page(past) }, shows: 'Resume' },
};

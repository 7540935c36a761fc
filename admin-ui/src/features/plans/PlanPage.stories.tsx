import { page, site } from '@/features/homes/samples';
import type { Stories } from '@/stories/story';

const path = '/projects/prj_1/plans/pln_1';
const file = {
  id: 'fil_1',
  project_id: 'prj_1',
  plan_id: 'pln_1',
  kind: 'floorplan',
  name: 'birch-level-1.pdf',
  content_type: 'application/pdf',
  length: 240_000,
  sha256: 'ab',
  state: 'ready',
  rejected_because: null,
  created_at: '2026-03-02T17:00:00Z',
};

export const stories: Stories = {
  loading: { path, answers: { ...site, 'GET /v1/plans/pln_1': 'never' }, shows: 'Projects' },
  empty: { path, answers: site, shows: 'Drop floorplans here, or click to choose' },
  error: { path, answers: { ...site, 'GET /v1/plans/pln_1': { problem: 404 } }, shows: 'There is nothing here' },
  full: { path, answers: { ...site, 'GET /v1/files': page(file) }, shows: 'birch-level-1.pdf' },
  quarantined: {
    path,
    answers: { ...site, 'GET /v1/files': page({ ...file, state: 'quarantined' }) },
    shows: 'Check again',
  },
  elevations: { path: `${path}?tab=elevations`, answers: site, shows: 'Coastal' },
  homes: { path: `${path}?tab=homes`, answers: site, shows: 'North Tower' },
};

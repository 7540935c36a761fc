import { boardOf, page, site } from '@/features/homes/samples';
import type { Stories } from '@/stories/story';

const path = '/projects/prj_1';

export const stories: Stories = {
  loading: { path, answers: { ...site, 'GET /v1/projects/prj_1': 'never' }, shows: 'Projects' },
  empty: { path, answers: { ...site, 'GET /v1/units/board': boardOf() }, shows: 'No homes in Harbor Point yet' },
  error: { path, answers: { ...site, 'GET /v1/projects/prj_1': { problem: 404 } }, shows: 'There is nothing here' },
  full: { path, answers: site, shows: '1 of 4 free' },
  phases: { path: `${path}?tab=phases`, answers: site, shows: 'Phase 1' },
  noPhases: { path: `${path}?tab=phases`, answers: { ...site, 'GET /v1/phases': page() }, shows: 'No phases yet' },
  buildings: { path: `${path}?tab=buildings`, answers: site, shows: 'North Tower' },
  plans: { path: `${path}?tab=plans`, answers: site, shows: '2 bd · 1.5 ba · 1,120 sq ft' },
  plansError: {
    path: `${path}?tab=plans`,
    answers: { ...site, 'GET /v1/plans': { problem: 503 } },
    shows: 'A part of the platform is away',
  },
  files: { path: `${path}?tab=files`, answers: site, shows: 'Drop floorplans here, or click to choose' },
};

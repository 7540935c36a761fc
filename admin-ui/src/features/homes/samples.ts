import type { BuildingOut, ElevationOut, PhaseOut, PlanOut, ProjectOut, UnitOut } from '@/api/schema';
import type { Answers } from '@/stories/story';

/** A small site, for stories and tests. */
const created_at = '2026-03-02T17:00:00Z';

export const harbor: ProjectOut = {
  id: 'prj_1',
  code: 'HARBOR',
  name: 'Harbor Point',
  currency: 'USD',
  time_zone: 'America/Los_Angeles',
  state: 'active',
  created_at,
};
export const phase1: PhaseOut = {
  id: 'phs_1',
  project_id: harbor.id,
  name: 'Phase 1',
  released_at: '2026-03-03T17:00:00Z',
  created_at,
};
export const tower: BuildingOut = { id: 'bld_1', project_id: harbor.id, name: 'North Tower', floors: 2, created_at };
export const birch: PlanOut = {
  id: 'pln_1',
  project_id: harbor.id,
  code: 'B2',
  name: 'Birch',
  bedrooms: 2,
  bathrooms: 1,
  half_bathrooms: 1,
  square_feet: 1120,
  created_at,
};
export const coastal: ElevationOut = {
  id: 'elv_1',
  project_id: harbor.id,
  plan_id: birch.id,
  code: 'C',
  name: 'Coastal',
  created_at,
};

export function home(number: string, part: Partial<UnitOut> = {}): UnitOut {
  return {
    id: `unt_${number}`,
    project_id: harbor.id,
    phase_id: phase1.id,
    building_id: tower.id,
    plan_id: birch.id,
    elevation_id: null,
    number,
    floor: Number(number[0]),
    address: null,
    parcel: null,
    bedrooms: null,
    square_feet: null,
    price: { amount_minor: 64_000_000, currency: 'USD' },
    status: 'available',
    not_for_sale_reason: null,
    created_at,
    ...part,
  };
}

export const page = (...items: unknown[]) => ({ body: { items, next_cursor: null } });

/** A board's answer. */
export const boardOf = (...items: UnitOut[]) => ({ body: { items, complete: true } });

export const homes = [
  home('101', { status: 'not_for_sale', not_for_sale_reason: 'Sales office' }),
  home('102', { status: 'offer' }),
  home('201', { price: { amount_minor: 71_250_000, currency: 'USD' } }),
  home('202', { status: 'pending_signature' }),
];

/** What the API answers about the site. */
export const site: Answers = {
  'GET /v1/projects': page(harbor),
  [`GET /v1/projects/${harbor.id}`]: { body: harbor, etag: '"1"' },
  'GET /v1/phases': page(phase1),
  'GET /v1/buildings': page(tower),
  'GET /v1/plans': page(birch),
  [`GET /v1/plans/${birch.id}`]: { body: birch, etag: '"1"' },
  'GET /v1/elevations': page(coastal),
  'GET /v1/units': page(...homes),
  'GET /v1/units/board': boardOf(...homes),
  'GET /v1/contracts': page(),
  'GET /v1/files': page(),
};

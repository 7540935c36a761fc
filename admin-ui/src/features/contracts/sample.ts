import type { ContractOut, ProjectOut, UnitOut } from '@/api/schema';

/** What stories and tests show. */
export const project: ProjectOut = {
  id: 'prj_1',
  code: 'FUSION',
  name: 'Fusion',
  time_zone: 'America/Los_Angeles',
  currency: 'USD',
  state: 'active',
  created_at: '2026-11-01T09:00:00Z',
};

export const home: UnitOut = {
  id: 'unt_1',
  project_id: 'prj_1',
  phase_id: 'phs_1',
  building_id: null,
  plan_id: null,
  elevation_id: null,
  number: '1204',
  floor: 12,
  address: '2410 Meridian Way, Unit 1204',
  parcel: null,
  bedrooms: 2,
  square_feet: 1068,
  price: { amount_minor: 61899000, currency: 'USD' },
  status: 'available',
  not_for_sale_reason: null,
  created_at: '2026-11-01T09:00:00Z',
};

export const draft: ContractOut = {
  id: 'ctr_1',
  project_id: 'prj_1',
  number: 14,
  state: 'draft',
  unit: { id: 'unt_1', number: '1204' },
  buyers: [
    { contact_id: 'cnt_1', name: 'M. D.', position: 1, role: 'buyer' },
    { contact_id: 'cnt_2', name: 'G. O.', position: 2, role: 'co_buyer' },
  ],
  price: { amount_minor: 60649050, currency: 'USD' },
  list_price: { amount_minor: 61899000, currency: 'USD' },
  created_at: '2026-11-20T18:00:00Z',
  created_by: 'mem_1',
  submitted_at: null,
  submitted_by: null,
  approved_at: null,
  approved_by: null,
  cancelled_at: null,
  cancelled_by: null,
  cancel_reason: null,
  cancel_note: null,
};

export const submitted: ContractOut = {
  ...draft,
  id: 'ctr_2',
  number: 15,
  state: 'submitted',
  unit: { id: 'unt_2', number: '1205' },
  submitted_at: '2026-11-20T19:00:00Z',
  submitted_by: 'mem_1',
};

export const page = (items: unknown[]) => ({ body: { items, next_cursor: null } });

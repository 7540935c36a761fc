import type { UnitFilters } from '@/api/queries/units';
import type { HomesSearch, View } from './HomesPage';
import { STATUSES } from './tally';

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

/** The search parameters that mean something; others are dropped. */
export function readSearch(raw: Record<string, unknown>): HomesSearch {
  const search = {
    project: text(raw['project']),
    view: raw['view'] === 'board' || raw['view'] === 'grid' ? (raw['view'] as View) : undefined,
    status: STATUSES.find((status) => status === raw['status']),
    phase: text(raw['phase']),
    building: text(raw['building']),
    plan: text(raw['plan']),
    // A number such as 1101 comes out of the URL as one.
    number: typeof raw['number'] === 'number' ? String(raw['number']) : text(raw['number']),
    sort: text(raw['sort']),
    peek: text(raw['peek']),
  };
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined));
}

/** What the API is asked; a board takes the status as light, not as a filter. */
export function filtersOf(search: HomesSearch, projectId: string | undefined, board = false): UnitFilters {
  const filters = {
    project_id: projectId,
    phase_id: search.phase,
    building_id: search.building,
    plan_id: search.plan,
    status: board ? undefined : search.status,
    number: board ? undefined : search.number,
  };
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
}

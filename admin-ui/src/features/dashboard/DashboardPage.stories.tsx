import type { DashboardOut, Status } from '@/api/schema';
import type { Answer, Stories } from '@/stories/story';

const usd = (amount_minor: number) => ({ amount_minor, currency: 'USD' });
const home = (status: Status, count: number) => ({ status, count });

const full: DashboardOut = {
  homes: [
    home('available', 74),
    home('offer', 6),
    home('pending_signature', 4),
    home('unreleased', 30),
    home('not_for_sale', 6),
  ],
  contracts: [
    { state: 'draft', count: 3, total: usd(195000000) },
    { state: 'submitted', count: 2, total: usd(131000000) },
    { state: 'approved', count: 4, total: usd(268000000) },
  ],
  months: {
    this: { starts: '2026-11-01', approved: 4, cancelled: 1 },
    last: { starts: '2026-10-01', approved: 7, cancelled: 0 },
  },
  activity: [
    {
      id: 'evt_1',
      n: 812,
      hash: 'ab',
      at: '2026-11-20T17:04:00Z',
      action: 'contract.approved',
      actor: { kind: 'member', id: 'mem_2', name: 'Victor Park' },
      object: { kind: 'contract', id: 'ctr_1' },
      project_id: 'prj_1',
      request_id: 'req_1',
      before: null,
      after: null,
    },
  ],
};
const nothing: DashboardOut = { homes: [], contracts: [], months: full.months, activity: [] };
const story = (dashboard: Answer, shows: string) => ({
  path: '/',
  shows,
  answers: { 'GET /v1/dashboard': dashboard, 'GET /v1/projects': { body: { items: [], next_cursor: null } } },
});

export const stories: Stories = {
  loading: story('never', 'Dashboard'),
  empty: story({ body: nothing }, 'Set up the first project'),
  error: story({ problem: 503 }, 'A part of the platform is away'),
  full: story({ body: full }, '2 contracts wait for your approval'),
  // An escrow coordinator's: what the role does not show is not there.
  partial: story({ body: { ...full, months: null, contracts: null, activity: null } }, 'Homes by status'),
};

import type { CheckpointOut, EventOut } from '@/api/schema';
import { page, project } from '@/features/contracts/sample';
import type { Answers, Stories } from '@/stories/story';

export const approved: EventOut = {
  id: 'evt_2',
  at: '2026-11-21T10:00:00Z',
  actor: { kind: 'member', id: 'mem_1', name: 'Ada Byron' },
  action: 'contract.approved',
  object: { kind: 'contract', id: 'ctr_0197f0a1' },
  project_id: 'prj_1',
  request_id: 'req_1',
  before: { state: 'submitted', approved_at: null, price_minor: 100, currency: 'USD' },
  after: { state: 'approved', approved_at: '2026-11-21T10:00:00+00:00', price_minor: 60649050, currency: 'USD' },
  n: 2,
  hash: 'c0ffee'.padEnd(64, '0'),
};

const created: EventOut = {
  ...approved,
  id: 'evt_1',
  action: 'contact.created',
  object: { kind: 'contact', id: 'cnt_0197f0a2' },
  before: null,
  after: { email: 'sealed:3667d7efc53349e9', row_version: 1, phone: null },
  n: 1,
};

const checkpoint: CheckpointOut = {
  n: 2,
  hash: approved.hash!,
  at: '2026-11-21T10:01:00Z',
  proof: 'c2sp.org/tlog-proof@v1\n',
};

export const around: Answers = {
  'GET /v1/projects': page([project]),
  'GET /v1/members': page([]),
  'GET /v1/audit/head': { body: { n: 2, hash: approved.hash, checkpoint } },
  'GET /v1/audit/key': { body: { key: 'keystead.test/audit/main+a8f71610+AjBZ' } },
  'GET /v1/audit/events': page([approved, created]),
};

const list = 'GET /v1/audit/events';

export const stories: Stories = {
  loading: { path: '/audit', answers: { ...around, [list]: 'never' }, shows: 'When' },
  empty: { path: '/audit', answers: { ...around, [list]: page([]) }, shows: 'Nothing happened yet' },
  error: { path: '/audit', answers: { ...around, [list]: { problem: 503 } }, shows: 'A part of the platform is away' },
  full: { path: '/audit', answers: around, shows: 'Contract approved' },
};

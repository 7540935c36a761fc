import type { HealthOut, LogLineOut, SignupOut, StepOut, TenantOut, UsageOut } from '@/api/schema';

const step = (name: string, state: string): StepOut => ({
  step: name,
  state,
  attempts: 1,
  started_at: state === 'waiting' ? null : '2026-11-20T09:00:00Z',
  finished_at: state === 'done' ? '2026-11-20T09:00:01Z' : null,
  error: state === 'failed' ? 'the key service did not answer' : null,
});

/** What stories and tests show. */
export const acme: TenantOut = {
  id: 'tnt_1',
  slug: 'acme',
  cell: 'main',
  name: 'Acme Homes',
  state: 'active',
  created_at: '2026-11-20T09:00:00Z',
  activated_at: '2026-11-20T09:00:03Z',
  suspended_at: null,
  suspended_because: null,
  plan: 'standard',
  max_members: 10,
  max_projects: null,
  max_file_megabytes: 500,
  provisioning: [step('kms_key', 'done'), step('workspace', 'done')],
};

export const stuck: TenantOut = {
  ...acme,
  state: 'provisioning',
  activated_at: null,
  provisioning: [step('kms_key', 'done'), step('data_keys', 'failed'), step('workspace', 'waiting')],
};

export const usage: UsageOut = {
  members: 9,
  invited: 3,
  projects: 2,
  units: 99,
  contracts: 14,
  file_bytes: 120_000_000,
  key_state: 'Enabled',
};

export const signup: SignupOut = {
  id: 'sgn_1',
  company_name: 'Quay Homes',
  slug: 'quay',
  admin_name: 'Ada Byron',
  email: 'ada@quay.test',
  state: 'verified',
  created_at: '2026-11-20T09:00:00Z',
  tenant_id: null,
};

export const line: LogLineOut = {
  id: 'evt_1',
  at: '2026-11-20T09:00:00Z',
  actor: { id: 'idn_1', name: 'Olga Operator' },
  action: 'tenant.suspended',
  object_id: '0197f0a1-b2c3-7d4e-8f90-a1b2c3d4e5f6',
  detail: { reason: 'unpaid' },
};

export const health: HealthOut = {
  checks: [
    { name: 'database', up: true },
    { name: 'kms', up: false },
  ],
  mail: {
    waiting: 2,
    failing: 1,
    parked: 1,
    oldest_at: '2026-11-20T09:00:00Z',
    parked_items: [
      {
        id: 'mal_1',
        tenant_id: null,
        template: 'invitation',
        domain: 'acme.test',
        attempts: 8,
        error: 'mailbox unavailable',
        created_at: '2026-11-19T09:00:00Z',
        parked_at: '2026-11-20T09:00:00Z',
      },
    ],
  },
};

export const operators = {
  items: [
    {
      id: 'idn_1',
      name: 'Olga Operator',
      email: 'olga@keystead.test',
      you: true,
      last_seen_at: '2026-11-20T09:00:00Z',
    },
    { id: 'idn_2', name: 'Otto Operator', email: 'otto@keystead.test', you: false, last_seen_at: null },
  ],
  invited: [
    {
      id: 'opi_1',
      email: 'new@keystead.test',
      created_at: '2026-11-20T09:00:00Z',
      expires_at: '2026-11-21T09:00:00Z',
    },
  ],
};

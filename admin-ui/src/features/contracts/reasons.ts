import type { CancelReason } from '@/api/schema';

/** Why a contract can be cancelled, most usual first. */
export const REASONS: CancelReason[] = [
  'financing_denied',
  'home_did_not_sell',
  'remorse',
  'job_change',
  'appraisal',
  'builder_delay',
  'death_or_divorce',
  'better_offer',
  'default',
  'rescission',
  'other',
];

import type { ContractState } from '@/api/schema';

/** In the order of a contract's life. */
export const STATES: ContractState[] = ['draft', 'submitted', 'approved', 'cancelled'];

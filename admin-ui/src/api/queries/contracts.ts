import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap, versioned, type Versioned } from '@/api/client';
import { keyset } from '@/api/paging';
import type { CancelIn, ContractIn, ContractOut, ContractState, operations } from '@/api/schema';
import { unitKeys } from './units';

/** What the API can narrow contracts down by. */
export interface ContractFilters {
  project_id?: string | undefined;
  unit_id?: string | undefined;
  state?: ContractState | undefined;
  /** A number, or a party: a whole address, a whole phone number, or the beginnings of a name's words. */
  q?: string | undefined;
  sort?: ContractOrder | undefined;
}

export type ContractOrder = NonNullable<NonNullable<operations['list_contracts']['parameters']['query']>['sort']>;

/** The API's name of an order that is asked for; it sorts by nothing else. */
const ORDERS: Record<string, ContractOrder> = {
  'created.asc': 'oldest',
  'created.desc': 'newest',
  'changed.desc': 'last_changed',
  'price.asc': 'lowest_price',
  'price.desc': 'highest_price',
};

export const orderOf = (sort: string | undefined) => (sort === undefined ? undefined : ORDERS[sort]);

/** The orders of the API, as the URL has them. */
export const orders = Object.entries(ORDERS).map(([sort, order]) => ({ sort, order }));

export const contractKeys = {
  all: ['contracts'] as const,
  lists: () => [...contractKeys.all, 'list'] as const,
  list: (filters: ContractFilters) => [...contractKeys.lists(), filters] as const,
  one: (id: string) => [...contractKeys.all, 'one', id] as const,
};

export const contractList = (filters: ContractFilters) =>
  infiniteQueryOptions({
    queryKey: contractKeys.list(filters),
    queryFn: ({ pageParam, signal }) =>
      unwrap(api.GET('/v1/contracts', { params: { query: { limit: 100, ...filters, cursor: pageParam } }, signal })),
    ...keyset,
    // What somebody typed about a person is not kept once it is off the screen.
    ...(filters.q ? { gcTime: 0 } : {}),
  });

export const contract = (id: string) =>
  queryOptions({
    queryKey: contractKeys.one(id),
    queryFn: ({ signal }) => versioned(api.GET('/v1/contracts/{id}', { params: { path: { id } }, signal })),
  });

/** What is done to a contract; a cancellation says why. */
export type Step = { move: 'submit' | 'approve' | 'return' } | { move: 'cancel'; why: CancelIn };

export function moveContract(id: string, step: Step): Promise<Versioned<ContractOut>> {
  const params = { path: { id } };
  switch (step.move) {
    case 'submit':
      return versioned(api.POST('/v1/contracts/{id}/submit', { params }));
    case 'approve':
      return versioned(api.POST('/v1/contracts/{id}/approve', { params }));
    case 'return':
      return versioned(api.POST('/v1/contracts/{id}/return', { params }));
    case 'cancel':
      return versioned(api.POST('/v1/contracts/{id}/cancel', { params, body: step.why }));
  }
}

export function useCreateContract() {
  const client = useQueryClient();
  return useMutation({
    meta: { handlesProblem: true },
    mutationFn: ({ key, body }: { key: string; body: ContractIn }) =>
      unwrap(api.POST('/v1/contracts', { params: { header: { 'Idempotency-Key': key } }, body })),
    // Also after a refusal: somebody else may have taken the home.
    onSettled: () => {
      void client.invalidateQueries({ queryKey: contractKeys.all });
      void client.invalidateQueries({ queryKey: unitKeys.all });
    },
  });
}

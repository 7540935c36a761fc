import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap, versioned } from '@/api/client';
import { keyset } from '@/api/paging';
import type { ContactIn, ContactOut, ContactPatch, PersonalField } from '@/api/schema';

/** What the API can find contacts by: a whole address, a whole number, or the beginnings of a name's words. */
export interface ContactFilters {
  project_id?: string | undefined;
  email?: string | undefined;
  phone?: string | undefined;
  name?: string | undefined;
}

export const contactKeys = {
  all: ['contacts'] as const,
  list: (filters: ContactFilters) => [...contactKeys.all, 'list', filters] as const,
  one: (id: string) => [...contactKeys.all, 'one', id] as const,
};

export const contactList = (filters: ContactFilters) =>
  infiniteQueryOptions({
    queryKey: contactKeys.list(filters),
    queryFn: ({ pageParam, signal }) =>
      unwrap(api.GET('/v1/contacts', { params: { query: { limit: 100, ...filters, cursor: pageParam } }, signal })),
    ...keyset,
    // What somebody typed about a person is not kept once it is off the screen.
    ...(filters.name || filters.email || filters.phone ? { gcTime: 0 } : {}),
  });

export const contact = (id: string) =>
  queryOptions({
    queryKey: contactKeys.one(id),
    queryFn: ({ signal }) => versioned(api.GET('/v1/contacts/{id}', { params: { path: { id } }, signal })),
    // The backups follow an erasure within moments.
    refetchInterval: ({ state }) => (state.data && isClosing(state.data.data) ? CLOSING_MS : false),
  });

const CLOSING_MS = 2000;

const isClosing = ({ erased_at, backups_closed_at }: ContactOut) => erased_at !== null && backups_closed_at === null;

export const patchContact = (id: string, etag: string, body: ContactPatch) =>
  versioned(api.PATCH('/v1/contacts/{id}', { params: { path: { id }, header: { 'If-Match': etag } }, body }));

/** Discloses fields for a purpose that the audit trail keeps. The values are not cached anywhere. */
export const revealContact = (id: string, fields: PersonalField[], purpose: string) =>
  unwrap(api.POST('/v1/contacts/{id}/reveal', { params: { path: { id } }, body: { fields, purpose } }));

/** What the API wants typed before it erases somebody, in any language. */
export const ERASE = 'ERASE';

/** Erases a person for good. */
export function useEraseContact(id: string) {
  const client = useQueryClient();
  return useMutation({
    meta: { handlesProblem: true },
    mutationFn: ({ key, reason }: { key: string; reason: string }) =>
      versioned(
        api.POST('/v1/contacts/{id}/erase', {
          params: { path: { id }, header: { 'Idempotency-Key': key } },
          body: { reason, confirmation: ERASE },
        }),
      ),
    onSuccess: (erased) => client.setQueryData(contactKeys.one(id), erased),
    // What other screens knew of them goes too: lists, parties of contracts, the trail, what was searched for.
    onSettled: () => client.invalidateQueries(),
  });
}

export function useCreateContact() {
  const client = useQueryClient();
  return useMutation({
    meta: { handlesProblem: true },
    // The variables would hold what was typed for as long as the mutation is remembered.
    gcTime: 0,
    mutationFn: ({ key, body }: { key: string; body: ContactIn }) =>
      unwrap(api.POST('/v1/contacts', { params: { header: { 'Idempotency-Key': key } }, body })),
    onSuccess: () => client.invalidateQueries({ queryKey: contactKeys.all }),
  });
}

/** Which of the API's searches a text is meant for. */
export function searchOf(text: string): ContactFilters {
  const wanted = text.trim();
  if (wanted === '') return {};
  if (wanted.includes('@')) return { email: wanted };
  return /^[+\d][\d\s().-]{6,}$/.test(wanted) ? { phone: wanted } : { name: wanted };
}

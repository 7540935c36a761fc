import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import type { PersonalField, RevealOut } from '@/api/schema';

/** A contract's party as a contact, masked. */
export const partyContact = (contactId: string) =>
  queryOptions({
    queryKey: ['parties', 'one', contactId],
    queryFn: ({ signal }) => unwrap(api.GET('/v1/contacts/{id}', { params: { path: { id: contactId } }, signal })),
    staleTime: 60_000,
  });

/** Discloses one field for a purpose that the audit trail keeps. The value is not cached anywhere. */
export function revealParty(contactId: string, field: PersonalField, purpose: string): Promise<RevealOut> {
  const body = { fields: [field], purpose };
  return unwrap(api.POST('/v1/contacts/{id}/reveal', { params: { path: { id: contactId } }, body }));
}

/** Contacts of a project by what somebody typed: a whole address, a whole number, or the beginnings of a name. */
export const contactSearch = (projectId: string, text: string) =>
  queryOptions({
    queryKey: ['parties', 'search', projectId, text],
    queryFn: ({ signal }) => {
      const query = { limit: 8, project_id: projectId, [fieldOf(text)]: text };
      return unwrap(api.GET('/v1/contacts', { params: { query }, signal }));
    },
    enabled: text.length >= 2 && projectId !== '',
    placeholderData: keepPreviousData,
    // Typed names are not kept longer than the form.
    gcTime: 0,
  });

function fieldOf(text: string): 'email' | 'phone' | 'name' {
  if (text.includes('@')) return 'email';
  return /^[+\d][\d\s().-]{6,}$/.test(text) ? 'phone' : 'name';
}

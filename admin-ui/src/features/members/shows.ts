/** What the page of members shows. */
export const SHOWS = ['members', 'invitations', 'roles'] as const;

export interface MembersSearch {
  show?: (typeof SHOWS)[number] | undefined;
  sort?: string | undefined;
}

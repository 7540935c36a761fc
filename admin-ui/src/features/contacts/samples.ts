import type { ContactOut } from '@/api/schema';

export const jane: ContactOut = {
  id: 'cnt_1',
  project_id: 'prj_1',
  name: 'J. D.',
  email: 'j…@e….com',
  phone: '•••0123',
  address: 'Austin, TX',
  date_of_birth: null,
  damaged: false,
  erased_at: null,
  backups_closed_at: null,
  created_at: '2026-03-02T17:00:00Z',
};

/** Somebody who is nobody any more. */
export const erased: ContactOut = {
  ...jane,
  name: null,
  email: null,
  phone: null,
  address: null,
  erased_at: '2026-05-06T17:00:00Z',
  backups_closed_at: '2026-05-06T17:00:03Z',
};

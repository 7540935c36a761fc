import type { InvitationOut, MemberOut, RoleOut } from '@/api/schema';

/** What stories and tests show. */
export const roles: RoleOut[] = [
  {
    id: 'rol_2',
    key: 'viewer',
    title: 'Viewer',
    permissions: ['projects.read', 'units.read'],
    created_at: '2026-11-01T09:00:00Z',
  },
  {
    id: 'rol_1',
    key: 'admin',
    title: 'Administrator',
    permissions: ['settings.read', 'settings.manage', 'members.read', 'members.manage'],
    created_at: '2026-11-01T09:00:00Z',
  },
];

export const ada: MemberOut = {
  id: 'mem_1',
  name: 'Ada Byron',
  email: 'ada@acme.test',
  role: { id: 'rol_1', key: 'admin', title: 'Administrator' },
  all_projects: true,
  project_ids: [],
  state: 'active',
  created_at: '2026-11-01T09:00:00Z',
};

export const grace: MemberOut = {
  ...ada,
  id: 'mem_2',
  name: 'Grace Hopper',
  email: 'grace@acme.test',
  role: { id: 'rol_2', key: 'viewer', title: 'Viewer' },
  all_projects: false,
  project_ids: ['prj_1'],
};

export const invitation: InvitationOut = {
  id: 'inv_1',
  email: 'alan@acme.test',
  role: { id: 'rol_2', key: 'viewer', title: 'Viewer' },
  all_projects: true,
  project_ids: [],
  invited_by: 'mem_1',
  state: 'open',
  created_at: '2026-11-20T09:00:00Z',
  expires_at: '2026-11-23T09:00:00Z',
};

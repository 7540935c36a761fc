import type { Permission } from '@/api/schema';

type GroupOf<P> = P extends `${infer Group}.${string}` ? Group : never;
type VerbOf<P> = P extends `${string}.${infer Verb}` ? Verb : never;

export type PermissionGroup = GroupOf<Permission>;
export type PermissionVerb = VerbOf<Permission>;

/** Everything that a role may allow, by what it is about. */
export const PERMISSIONS: Record<PermissionGroup, PermissionVerb[]> = {
  contracts: ['read', 'write', 'approve', 'cancel'],
  contacts: ['read', 'manage', 'reveal', 'erase'],
  units: ['read', 'manage'],
  projects: ['read', 'manage'],
  files: ['read', 'manage'],
  members: ['read', 'manage'],
  settings: ['read', 'manage'],
  audit: ['read'],
};

export const GROUPS = Object.keys(PERMISSIONS) as PermissionGroup[];

export const COUNT = GROUPS.reduce((count, group) => count + PERMISSIONS[group].length, 0);

export const permission = (group: PermissionGroup, verb: PermissionVerb) => `${group}.${verb}` as Permission;

/** What the role `admin` cannot lose: said here before the server says it. */
export const KEPT_BY_ADMIN: Permission[] = ['settings.read', 'settings.manage', 'members.read', 'members.manage'];

import type { ReactNode } from 'react';
import { useCan } from '@/api/queries/me';
import type { Permission } from '@/api/schema';

/** Shows its children to those whose role holds the permission. It only hides: the server decides. */
export function Can({ permission, children }: { permission: Permission; children: ReactNode }) {
  return useCan(permission) ? children : null;
}

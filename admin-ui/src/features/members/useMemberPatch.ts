import { useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { member, memberKeys, patchMember, type MemberRecord } from '@/api/queries/members';
import { everyRole } from '@/api/queries/roles';
import type { MemberPatch } from '@/api/schema';
import { useVersionedPatch } from '@/api/versionedPatch';
import { useProjects } from '@/features/contracts/names';
import { useStatusWord } from '@/ui/StatusBadge';
import { useRoleName } from '@/ui/useRoleName';

/** Changes a member, with undo and the conflict dialog. */
export function useMemberPatch(id: string) {
  const client = useQueryClient();
  const t = useTranslations('members.field');
  const tc = useTranslations('common');
  const projects = useProjects();
  const roleName = useRoleName();
  const word = useStatusWord();
  const show = (field: keyof MemberPatch & string, value: unknown): string => {
    if (field === 'role_id') {
      const role = client.getQueryData(everyRole().queryKey)?.find((role) => role.id === value);
      return role ? roleName(role.key, role.title) : '–';
    }
    if (field === 'project_ids') {
      return (value as string[]).map((project) => projects.get(project)?.name ?? project).join(', ') || '–';
    }
    if (field === 'all_projects') return tc(value ? 'yes' : 'no');
    return field === 'state' ? word(String(value)) : String(value);
  };
  return useVersionedPatch<MemberRecord, MemberPatch>({
    queryKey: memberKeys.one(id),
    read: () => client.fetchQuery({ ...member(id), staleTime: 0 }),
    write: patchMember(id),
    invalidates: [memberKeys.list(), memberKeys.every()],
    label: (field) => t(field),
    show,
  });
}

import { Select, type SelectProps } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { everyRole } from '@/api/queries/roles';
import { useRoleName } from '@/ui/useRoleName';

/** One of the tenant's roles, by id. */
export function RoleSelect(props: SelectProps) {
  const roles = useQuery(everyRole()).data;
  const nameOf = useRoleName();
  return (
    <Select
      allowDeselect={false}
      data={roles?.map(({ id, key, title }) => ({ value: id, label: nameOf(key, title) })) ?? []}
      {...props}
    />
  );
}

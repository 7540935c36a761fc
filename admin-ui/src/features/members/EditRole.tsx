import { Button, Checkbox, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { meOptions } from '@/api/queries/me';
import { patchRole, role as roleQuery, roleKeys } from '@/api/queries/roles';
import type { Permission, RoleOut, RolePatch } from '@/api/schema';
import { useVersionedPatch } from '@/api/versionedPatch';
import { ErrorState } from '@/ui/ErrorState';
import { LinesSkeleton } from '@/ui/Skeletons';
import { changesOf, useSend } from '@/ui/useSend';
import { useRoleName } from '@/ui/useRoleName';
import {
  GROUPS,
  KEPT_BY_ADMIN,
  PERMISSIONS,
  permission,
  type PermissionGroup,
  type PermissionVerb,
} from './permissions';
import classes from './members.module.css';

interface Props {
  id: string;
  roleKey: string;
  title: string;
  onClose: () => void;
}

/** A role's name and permissions. */
export function EditRole({ id, roleKey, title, onClose }: Props) {
  const t = useTranslations('members.roles');
  const query = useQuery({ ...roleQuery(id), staleTime: 0 });
  const name = useRoleName()(roleKey, title);
  return (
    <Modal opened onClose={onClose} title={t('edit_title', { role: name })} size={560}>
      {query.data && !query.isFetching ? (
        <RoleForm role={query.data.data} onClose={onClose} />
      ) : query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <LinesSkeleton lines={8} />
      )}
    </Modal>
  );
}

function RoleForm({ role, onClose }: { role: RoleOut; onClose: () => void }) {
  const t = useTranslations('members.roles');
  const tc = useTranslations('common');
  const patch = useRolePatch(role.id);
  const before = { title: role.title, permissions: role.permissions.toSorted() };
  const form = useForm({ initialValues: before });
  const { busy, send } = useSend(form, { onDone: onClose, shown: true });
  const submit = form.onSubmit((values) =>
    send(async () => {
      const changes = changesOf(before, { ...values, permissions: values.permissions.toSorted() });
      if (Object.keys(changes).length > 0) await patch.mutateAsync(changes as RolePatch);
    }),
  );
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput label={t('name')} required withAsterisk={false} maxLength={100} {...form.getInputProps('title')} />
        <Checkbox.Group
          label={t('permissions')}
          description={role.key === 'admin' ? t('kept') : t('hint')}
          {...form.getInputProps('permissions')}
        >
          <div className={classes.choices}>
            {GROUPS.map((group) => (
              <div key={group}>
                <h3>{t(`groups.${group}`)}</h3>
                {PERMISSIONS[group].map((verb) => (
                  <Choice key={verb} group={group} verb={verb} isAdmin={role.key === 'admin'} />
                ))}
              </div>
            ))}
          </div>
        </Checkbox.Group>
        {form.errors['permissions'] && (
          <Text size="sm" c="var(--danger)" role="alert">
            {form.errors['permissions']}
          </Text>
        )}
      </Stack>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" size="sm" onClick={onClose}>
          {tc('cancel')}
        </Button>
        <Button type="submit" size="sm" loading={busy}>
          {tc('save')}
        </Button>
      </Group>
    </form>
  );
}

function Choice({ group, verb, isAdmin }: { group: PermissionGroup; verb: PermissionVerb; isAdmin: boolean }) {
  const t = useTranslations('members.roles');
  const value = permission(group, verb);
  const kept = isAdmin && KEPT_BY_ADMIN.includes(value);
  return <Checkbox value={value} label={t(`verbs.${verb}`)} disabled={kept} title={kept ? t('kept') : undefined} />;
}

function useRolePatch(id: string) {
  const client = useQueryClient();
  const t = useTranslations('members.roles');
  return useVersionedPatch<RoleOut, RolePatch>({
    queryKey: roleKeys.one(id),
    read: () => client.fetchQuery({ ...roleQuery(id), staleTime: 0 }),
    write: patchRole(id),
    // One's own permissions may be among them.
    invalidates: [roleKeys.every(), meOptions.queryKey],
    label: (field) => t(field === 'title' ? 'name' : 'permissions'),
    show: (field, value) =>
      field === 'permissions'
        ? (value as Permission[]).map((held) => wordsOf(held, t)).join(', ') || '–'
        : String(value),
  });
}

function wordsOf(held: Permission, t: ReturnType<typeof useTranslations<'members.roles'>>): string {
  const [group, verb] = held.split('.') as [PermissionGroup, PermissionVerb];
  return `${t(`groups.${group}`)}: ${t(`verbs.${verb}`)}`;
}

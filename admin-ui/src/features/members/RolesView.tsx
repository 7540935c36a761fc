import { IconCheck, IconMinus, IconPencil, IconUserShield } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Fragment, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useCan } from '@/api/queries/me';
import { everyMember } from '@/api/queries/members';
import { everyRole } from '@/api/queries/roles';
import type { RoleOut } from '@/api/schema';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorState } from '@/ui/ErrorState';
import { PageSkeleton } from '@/ui/Skeletons';
import { usePhone } from '@/ui/usePhone';
import { useRoleName } from '@/ui/useRoleName';
import { COUNT, GROUPS, PERMISSIONS, permission } from './permissions';
import { lazily } from '@/ui/lazily';
import classes from './members.module.css';

const EditRole = lazily(() => import('./EditRole').then((part) => part.EditRole));

/** What each role allows, side by side. */
export function RolesView() {
  const t = useTranslations('members.roles');
  const query = useQuery(everyRole());
  const phone = usePhone();
  const [editing, setEditing] = useState<RoleOut | null>(null);
  if (query.error && !query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <PageSkeleton />;
  if (query.data.length === 0) {
    return (
      <EmptyState icon={<IconUserShield size={20} stroke={1.6} aria-hidden />} title={t('empty_title')}>
        {t('empty_text')}
      </EmptyState>
    );
  }
  const View = phone ? RoleList : Matrix;
  return (
    <div className={classes.roles} tabIndex={0} role="region" aria-label={t('permissions')}>
      <View roles={query.data} onEdit={setEditing} />
      {editing && (
        <EditRole id={editing.id} roleKey={editing.key} title={editing.title} onClose={() => setEditing(null)} />
      )}
    </div>
  );
}

interface ViewProps {
  roles: RoleOut[];
  onEdit: (role: RoleOut) => void;
}

function Matrix({ roles, onEdit }: ViewProps) {
  const t = useTranslations('members.roles');
  return (
    <table className={classes.matrix}>
      <thead>
        <tr>
          <th scope="col">{t('permission')}</th>
          {roles.map((role) => (
            <th key={role.id} scope="col">
              <RoleHead role={role} onEdit={onEdit} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {GROUPS.map((group) => (
          <Fragment key={group}>
            <tr className={classes.group}>
              <th scope="rowgroup" colSpan={roles.length + 1}>
                {t(`groups.${group}`)}
              </th>
            </tr>
            {PERMISSIONS[group].map((verb) => (
              <tr key={verb}>
                <th scope="row">{t(`verbs.${verb}`)}</th>
                {roles.map((role) => (
                  <td key={role.id}>
                    {role.permissions.includes(permission(group, verb)) ? (
                      <IconCheck size={16} stroke={2.2} className={classes.has} aria-label={t('may')} />
                    ) : (
                      <IconMinus size={13} className={classes.hasNot} aria-label={t('may_not')} />
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

/** On a phone: a role a paragraph. */
function RoleList({ roles, onEdit }: ViewProps) {
  const t = useTranslations('members.roles');
  return (
    <ul className={classes.roleList}>
      {roles.map((role) => (
        <li key={role.id}>
          <RoleHead role={role} onEdit={onEdit} />
          {GROUPS.map((group) => {
            const verbs = PERMISSIONS[group].filter((verb) => role.permissions.includes(permission(group, verb)));
            if (verbs.length === 0) return null;
            return (
              <p key={group}>
                <strong>{t(`groups.${group}`)}:</strong>{' '}
                {verbs.map((verb) => t(`verbs.${verb}`).toLowerCase()).join(', ')}
              </p>
            );
          })}
        </li>
      ))}
    </ul>
  );
}

function RoleHead({ role, onEdit }: { role: RoleOut; onEdit: (role: RoleOut) => void }) {
  const t = useTranslations('members.roles');
  const manages = useCan('settings.manage');
  const roleName = useRoleName();
  const members = useQuery({ ...everyMember(), enabled: useCan('members.read') }).data;
  const count = members?.filter((member) => member.role?.id === role.id && member.state === 'active').length;
  const name = roleName(role.key, role.title);
  return (
    <span className={classes.roleHead}>
      {manages ? (
        <button type="button" onClick={() => onEdit(role)} aria-label={t('edit', { role: name })}>
          {name}
          <IconPencil size={13} aria-hidden />
        </button>
      ) : (
        name
      )}
      <small>
        {count === undefined ? t('count', { count: role.permissions.length, all: COUNT }) : t('members', { count })}
      </small>
    </span>
  );
}

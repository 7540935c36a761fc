import { IconBuilding, IconCalendar, IconCircleDot, IconMail, IconUser, IconUserShield } from '@tabler/icons-react';
import { useTranslations } from 'use-intl';
import { useMe } from '@/api/queries/me';
import type { MemberOut } from '@/api/schema';
import { DateTime } from '@/format';
import type { Column } from '@/table/types';
import { StatusBadge } from '@/ui/StatusBadge';
import { useRoleName } from '@/ui/useRoleName';
import { ScopeText } from './ScopeText';
import classes from './members.module.css';

const ICON = { size: 14, stroke: 1.6, 'aria-hidden': true } as const;

const initials = (name: string) =>
  name
    .split(/\s+/)
    .map((word) => word[0] ?? '')
    .join('')
    .slice(0, 2)
    .toUpperCase();

export function useMemberColumns(): Column<MemberOut>[] {
  const t = useTranslations('members');
  const roleName = useRoleName();
  const me = useMe()?.membership?.member_id;
  return [
    {
      id: 'name',
      header: t('columns.name'),
      icon: <IconUser {...ICON} />,
      width: 'minmax(180px, 1.2fr)',
      phone: 'title',
      fixed: true,
      sortBy: ({ name }) => name,
      render: ({ id, name }) => (
        <span className={classes.person}>
          <span className={classes.avatar} aria-hidden>
            {initials(name)}
          </span>
          <span className={classes.cut}>{name}</span>
          {id === me && <span className={classes.me}>{t('you')}</span>}
        </span>
      ),
    },
    {
      id: 'role',
      header: t('columns.role'),
      icon: <IconUserShield {...ICON} />,
      width: 'minmax(140px, 0.9fr)',
      phone: 'meta',
      sortBy: ({ role }) => (role ? roleName(role.key, role.title) : ''),
      render: ({ role }) => (role ? roleName(role.key, role.title) : t('no_role')),
    },
    {
      id: 'projects',
      header: t('columns.projects'),
      icon: <IconBuilding {...ICON} />,
      width: 'minmax(150px, 1fr)',
      phone: 'end',
      render: (member) => (
        <span className={classes.cut}>
          <ScopeText scope={member} />
        </span>
      ),
    },
    {
      id: 'email',
      header: t('columns.email'),
      icon: <IconMail {...ICON} />,
      width: 'minmax(180px, 1.2fr)',
      sortBy: ({ email }) => email,
      render: ({ email }) => <span className={classes.cut}>{email}</span>,
    },
    {
      id: 'state',
      header: t('columns.state'),
      icon: <IconCircleDot {...ICON} />,
      width: 'minmax(120px, 0.7fr)',
      phone: 'badge',
      sortBy: ({ state }) => state,
      render: ({ state }) => <StatusBadge status={state} />,
    },
    {
      id: 'joined',
      header: t('columns.joined'),
      icon: <IconCalendar {...ICON} />,
      width: 'minmax(120px, 0.7fr)',
      sortBy: ({ created_at }) => created_at,
      render: ({ created_at }) => <DateTime at={created_at} as="date" />,
    },
  ];
}

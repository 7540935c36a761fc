import { Button } from '@mantine/core';
import { IconUserPlus } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { invitationList } from '@/api/queries/invitations';
import { rowsOf } from '@/api/paging';
import { InviteDialog } from '@/features/members/InviteDialog';
import { StatusBadge } from '@/ui/StatusBadge';
import { useRoleName } from '@/ui/useRoleName';
import classes from './onboarding.module.css';

export function PeopleStep({ onDone }: { onDone: () => void }) {
  const t = useTranslations('onboarding');
  const roleName = useRoleName();
  const invited = rowsOf(useInfiniteQuery(invitationList()).data);
  const [inviting, setInviting] = useState(false);
  return (
    <>
      {invited.length > 0 && (
        <ul className={classes.invited}>
          {invited.map(({ id, email, role, state }) => (
            <li key={id}>
              <span>{email}</span>
              {role && <small>{roleName(role.key, role.title)}</small>}
              <StatusBadge status={state} />
            </li>
          ))}
        </ul>
      )}
      <div className={classes.buttons}>
        <Button
          size="sm"
          variant={invited.length > 0 ? 'default' : 'filled'}
          leftSection={<IconUserPlus size={15} aria-hidden />}
          onClick={() => setInviting(true)}
        >
          {t('people.invite')}
        </Button>
        {invited.length > 0 && (
          <Button size="sm" onClick={onDone}>
            {t('next')}
          </Button>
        )}
      </div>
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
    </>
  );
}

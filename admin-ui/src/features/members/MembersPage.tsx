import { Button } from '@mantine/core';
import { IconUserPlus } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { useCan } from '@/api/queries/me';
import { useCommands } from '@/shell/commands';
import { useShortcuts } from '@/shell/shortcuts';
import { Page } from '@/ui/Page';
import { SegmentTabs } from '@/ui/SegmentTabs';
import { InvitationsTable } from './InvitationsTable';
import { MembersTable } from './MembersTable';
import { lazily } from '@/ui/lazily';
import { SHOWS, type MembersSearch } from './shows';

const InviteDialog = lazily(() => import('./InviteDialog').then((part) => part.InviteDialog));
const RolesView = lazily(() => import('./RolesView').then((part) => part.RolesView));

const route = getRouteApi('/_app/members/');

/** Who works here, who is invited, and what their roles allow. */
export function MembersPage() {
  const t = useTranslations('members');
  const { show = 'members', sort } = route.useSearch();
  const navigate = useNavigate();
  const manages = useCan('members.manage');
  const readsRoles = useCan('settings.read');
  const [inviting, setInviting] = useState(false);
  const look = (search: MembersSearch) => void navigate({ to: '/members', search, replace: true });
  const invite = () => setInviting(true);
  useShortcuts(manages ? [{ keys: 'n', label: t('invite'), group: 'page', run: invite }] : []);
  useCommands(manages ? [{ id: 'invite', label: t('invite'), group: 'act', keys: 'n', run: invite }] : []);

  return (
    <Page
      title={t('title')}
      flush
      actions={
        manages && (
          <Button leftSection={<IconUserPlus size={15} aria-hidden />} onClick={invite}>
            {t('invite')}
          </Button>
        )
      }
      toolbar={
        <SegmentTabs
          label={t('tabs.label')}
          options={SHOWS.filter((value) => value !== 'roles' || readsRoles).map((value) => ({
            value,
            label: t(`tabs.${value}`),
          }))}
          value={show}
          onPick={(value) => look(value === 'members' ? {} : { show: value })}
        />
      }
    >
      {show === 'members' && <MembersTable sort={sort} onSort={(next) => look({ sort: next })} onInvite={invite} />}
      {show === 'invitations' && <InvitationsTable onInvite={invite} />}
      {show === 'roles' && <RolesView />}
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
    </Page>
  );
}

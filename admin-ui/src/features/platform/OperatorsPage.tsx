import { Button } from '@mantine/core';
import { IconUserPlus, IconUserShield } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { disableOperator, operatorList, platformKeys } from '@/api/queries/platform';
import type { OperatorInvitationOut, OperatorOut } from '@/api/schema';
import { DateTime } from '@/format';
import { PlainTable } from '@/table/PlainTable';
import { useShortcuts } from '@/shell/shortcuts';
import { EmptyState } from '@/ui/EmptyState';
import { Page } from '@/ui/Page';
import { toastDone } from '@/ui/toast';
import { lazily } from '@/ui/lazily';
import classes from './platform.module.css';

const InviteOperator = lazily(() => import('./InviteOperator').then((part) => part.InviteOperator));
const ReasonDialog = lazily(() => import('./ReasonDialog').then((part) => part.ReasonDialog));

/** The people who run the platform. */
export function OperatorsPage() {
  const t = useTranslations('platform.operators');
  const query = useQuery(operatorList());
  const [inviting, setInviting] = useState(false);
  const [ending, setEnding] = useState<OperatorOut | null>(null);
  const invited = query.data?.invited ?? [];
  const invite = () => setInviting(true);
  useShortcuts([{ keys: 'n', label: t('invite'), group: 'page', run: invite }]);
  return (
    <Page
      title={t('title')}
      actions={
        <Button leftSection={<IconUserPlus size={15} aria-hidden />} onClick={invite}>
          {t('invite')}
        </Button>
      }
    >
      <PlainTable<OperatorOut>
        label={t('title')}
        query={{ ...query, data: query.data?.items }}
        rowId={({ id }) => id}
        columns={[
          {
            id: 'name',
            header: t('name'),
            width: '28%',
            phone: 'title',
            render: ({ name, you }) => (
              <span className={classes.strong}>
                {name} {you && <span className={classes.me}>{t('you')}</span>}
              </span>
            ),
          },
          { id: 'email', header: t('email'), width: '34%', phone: 'meta', render: ({ email }) => email },
          {
            id: 'seen',
            header: t('seen'),
            width: '22%',
            phone: 'badge',
            render: ({ last_seen_at }) => (last_seen_at ? <DateTime at={last_seen_at} as="relative" /> : t('never')),
          },
          {
            id: 'end',
            header: '',
            width: '16%',
            align: 'end',
            phone: 'end',
            render: (operator) =>
              !operator.you && (
                <Button
                  variant="subtle"
                  color="red"
                  size="compact-sm"
                  aria-label={t('disable', { name: operator.name })}
                  onClick={() => setEnding(operator)}
                >
                  {t('disable_action')}
                </Button>
              ),
          },
        ]}
        empty={
          <EmptyState icon={<IconUserShield size={20} stroke={1.6} aria-hidden />} title={t('empty_title')}>
            {t('empty_text')}
          </EmptyState>
        }
      />
      {invited.length > 0 && <Invited invited={invited} />}
      {inviting && <InviteOperator onClose={() => setInviting(false)} />}
      {ending && <End operator={ending} onClose={() => setEnding(null)} />}
    </Page>
  );
}

function Invited({ invited }: { invited: OperatorInvitationOut[] }) {
  const t = useTranslations('platform.operators');
  return (
    <section className={classes.section}>
      <div className={classes.sectionHead}>
        <h2>{t('invited')}</h2>
      </div>
      <ul className={classes.plain}>
        {invited.map(({ id, email, expires_at }) => (
          <li key={id}>
            <span>{email}</span>
            <span className={classes.quiet}>
              {t('expires')} <DateTime at={expires_at} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function End({ operator, onClose }: { operator: OperatorOut; onClose: () => void }) {
  const t = useTranslations('platform.operators');
  const client = useQueryClient();
  const { id, name, email } = operator;
  const end = useMutation({
    mutationFn: (reason: string) => disableOperator(id, reason),
    onSuccess: () => toastDone(t('disabled', { name })),
    onSettled: () => client.invalidateQueries({ queryKey: platformKeys.all }),
  });
  return (
    <ReasonDialog
      title={t('disable_title', { name })}
      text={t('disable_text')}
      word={email}
      action={t('disable_action')}
      onClose={onClose}
      onConfirm={(reason) => end.mutateAsync(reason)}
    />
  );
}

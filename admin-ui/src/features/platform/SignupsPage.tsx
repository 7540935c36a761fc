import { Button } from '@mantine/core';
import {
  IconBuildingSkyscraper,
  IconCalendar,
  IconCircleDot,
  IconClipboardText,
  IconMail,
  IconUser,
  IconWorld,
} from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslations } from 'use-intl';
import { signupList } from '@/api/queries/platform';
import type { SignupOut } from '@/api/schema';
import { DateTime } from '@/format';
import { DataTable } from '@/table/DataTable';
import type { Column } from '@/table/types';
import { EmptyState } from '@/ui/EmptyState';
import { Page } from '@/ui/Page';
import { SegmentTabs } from '@/ui/SegmentTabs';
import { StatusBadge } from '@/ui/StatusBadge';
import { lazily } from '@/ui/lazily';
import classes from './platform.module.css';

const SignupDialog = lazily(() => import('./SignupDialog').then((part) => part.SignupDialog));

const route = getRouteApi('/_app/platform/signups');
const ICON = { size: 14, stroke: 1.6, 'aria-hidden': true } as const;

const matches = ({ state }: SignupOut, show: string) =>
  show === 'all' || (show === 'verified' ? state === 'verified' : state === 'approved' || state === 'rejected');

/** Applications, and what becomes of them. */
export function SignupsPage() {
  const t = useTranslations('platform.signups');
  const { show = 'all' } = route.useSearch();
  const navigate = useNavigate();
  const [open, setOpen] = useState<SignupOut | null>(null);
  const query = useInfiniteQuery(signupList());
  // The API lists all by age; what is loaded is narrowed here.
  const data = useMemo(
    () =>
      query.data && {
        pages: query.data.pages.map((page) => ({ items: page.items.filter((signup) => matches(signup, show)) })),
      },
    [query.data, show],
  );
  const columns = useColumns(setOpen);
  return (
    <Page
      title={t('title')}
      flush
      toolbar={
        <SegmentTabs
          label={t('tabs.label')}
          options={(['all', 'verified', 'decided'] as const).map((value) => ({ value, label: t(`tabs.${value}`) }))}
          value={show}
          onPick={(value) =>
            void navigate({ to: '/platform/signups', search: value === 'all' ? {} : { show: value }, replace: true })
          }
        />
      }
    >
      <DataTable<SignupOut>
        id="signups"
        label={t('title')}
        columns={columns}
        query={{ ...query, data }}
        rowId={({ id }) => id}
        rowLabel={({ company_name }) => company_name}
        onOpen={setOpen}
        empty={
          <EmptyState
            icon={<IconClipboardText size={20} stroke={1.6} aria-hidden />}
            title={t(show === 'verified' ? 'none_waiting' : 'empty_title')}
          >
            {t(show === 'verified' ? 'none_waiting_text' : 'empty_text')}
          </EmptyState>
        }
      />
      {open && <SignupDialog signup={open} onClose={() => setOpen(null)} />}
    </Page>
  );
}

function useColumns(onDecide: (signup: SignupOut) => void): Column<SignupOut>[] {
  const t = useTranslations('platform.signups');
  const to = useTranslations('platform.overview');
  return [
    {
      id: 'company',
      header: t('company'),
      icon: <IconBuildingSkyscraper {...ICON} />,
      width: 'minmax(180px, 1.3fr)',
      phone: 'title',
      fixed: true,
      sortBy: ({ company_name }) => company_name,
      render: ({ company_name }) => <strong className={classes.strong}>{company_name}</strong>,
    },
    {
      id: 'state',
      header: t('state'),
      icon: <IconCircleDot {...ICON} />,
      width: 'minmax(120px, 0.7fr)',
      phone: 'badge',
      render: ({ state }) => <StatusBadge status={state} />,
    },
    {
      id: 'slug',
      header: t('slug'),
      icon: <IconWorld {...ICON} />,
      width: 'minmax(110px, 0.8fr)',
      phone: 'meta',
      render: ({ slug }) => slug,
    },
    {
      id: 'admin',
      header: t('admin'),
      icon: <IconUser {...ICON} />,
      width: 'minmax(130px, 0.9fr)',
      render: ({ admin_name }) => <span className={classes.cut}>{admin_name}</span>,
    },
    {
      id: 'email',
      header: t('email'),
      icon: <IconMail {...ICON} />,
      width: 'minmax(170px, 1.2fr)',
      render: ({ email }) => <span className={classes.cut}>{email}</span>,
    },
    {
      id: 'created',
      header: t('created'),
      icon: <IconCalendar {...ICON} />,
      width: 'minmax(110px, 0.7fr)',
      phone: 'end',
      render: ({ created_at }) => <DateTime at={created_at} as="relative" />,
    },
    {
      id: 'decide',
      header: '',
      width: '92px',
      align: 'end',
      fixed: true,
      render: (signup) =>
        signup.state === 'verified' && (
          <Button variant="default" size="compact-xs" onClick={() => onDecide(signup)}>
            {to('decide')}
          </Button>
        ),
    },
  ];
}

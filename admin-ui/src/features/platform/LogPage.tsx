import { IconHash, IconTarget, IconUser } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { operatorList, type LogFilters } from '@/api/queries/platform';
import { Filters } from '@/table/Filters';
import { SavedViews } from '@/table/SavedViews';
import { Page } from '@/ui/Page';
import { LogTable } from './LogTable';

const route = getRouteApi('/_app/platform/log');
const ICON = { size: 14, stroke: 1.6, 'aria-hidden': true } as const;

/** What operators did, and what the platform did by itself. */
export function LogPage() {
  const t = useTranslations('platform.log');
  const search = route.useSearch();
  const navigate = useNavigate();
  const operators = useQuery(operatorList()).data?.items ?? [];
  const look = (next: LogFilters) => void navigate({ to: '/platform/log', search: next });
  return (
    <Page
      title={t('title')}
      flush
      toolbar={
        <Filters
          filters={[
            { key: 'action', label: t('filter_action'), icon: <IconTarget {...ICON} /> },
            {
              key: 'actor',
              label: t('filter_actor'),
              icon: <IconUser {...ICON} />,
              options: operators.map(({ id, name }) => ({ value: id, label: name })),
            },
            { key: 'object', label: t('filter_object'), icon: <IconHash {...ICON} /> },
          ]}
          values={search}
          onChange={(key, value) => look({ ...search, [key]: value })}
          onClear={() => look({})}
        >
          <SavedViews list="platform-log" search={{ ...search }} onApply={(view) => look(view as LogFilters)} />
        </Filters>
      }
    >
      <LogTable filters={search} />
    </Page>
  );
}

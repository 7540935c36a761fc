import { IconBan, IconTag } from '@tabler/icons-react';
import { useTranslations } from 'use-intl';
import { useCan } from '@/api/queries/me';
import type { UnitOut } from '@/api/schema';
import type { BulkAction } from '@/table/types';
import { useChangeHomes } from './useChangeHomes';

const ICON = { size: 14, 'aria-hidden': true } as const;
const free = (home: UnitOut) => home.status !== 'offer' && home.status !== 'pending_signature';

/** What can be done to the homes that are selected. */
export function useSaleActions(onKeep: (homes: UnitOut[]) => void): BulkAction<UnitOut>[] {
  const t = useTranslations('homes.peek');
  const may = useCan('units.manage');
  const change = useChangeHomes();
  if (!may) return [];
  return [
    {
      id: 'keep',
      label: t('keep'),
      icon: <IconBan {...ICON} />,
      key: 'n',
      enabled: (homes) => homes.every((home) => free(home) && home.not_for_sale_reason === null),
      run: onKeep,
    },
    {
      id: 'sell',
      label: t('sell'),
      icon: <IconTag {...ICON} />,
      key: 's',
      enabled: (homes) => homes.every(({ not_for_sale_reason }) => not_for_sale_reason !== null),
      run: (homes) => change.mutate({ homes, patch: { not_for_sale_reason: null } }),
    },
  ];
}

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { decide, platformKeys, type Decision } from '@/api/queries/platform';
import type { TenantOut } from '@/api/schema';
import { toastDone } from '@/ui/toast';

const DONE = {
  suspend: 'suspended_done',
  resume: 'resumed',
  offboard: 'offboarded_done',
  provision: 'retried',
} as const;

/** Carries out what an operator decided about a tenant. */
export function useDecide({ id, name }: Pick<TenantOut, 'id' | 'name'>) {
  const client = useQueryClient();
  const t = useTranslations('platform.tenant');
  return useMutation({
    mutationFn: (decision: Decision) => decide(id, decision),
    onSuccess: (_, { act }) => toastDone(t(DONE[act], { name })),
    onSettled: () => client.invalidateQueries({ queryKey: platformKeys.all }),
  });
}

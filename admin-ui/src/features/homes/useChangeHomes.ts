import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { mayRepeat, repeatAfter } from '@/api/queryClient';
import { patchUnit, unit, unitKeys } from '@/api/queries/units';
import type { UnitOut, UnitPatch } from '@/api/schema';
import { toastDone } from '@/ui/toast';

interface Change {
  homes: UnitOut[];
  patch: UnitPatch;
}

/** The same change to several homes, one after the other; waits when the limit of requests is reached. */
export function useChangeHomes() {
  const client = useQueryClient();
  const t = useTranslations('homes');
  return useMutation({
    retry: mayRepeat,
    retryDelay: repeatAfter,
    mutationFn: async ({ homes, patch }: Change) => {
      for (const { id } of homes) {
        const { data, etag } = await client.fetchQuery({ ...unit(id), staleTime: 0 });
        // A repeat goes on where it stopped.
        if (isDone(data, patch)) continue;
        client.setQueryData(unitKeys.one(id), await patchUnit(id)(etag, patch));
      }
      return homes.length;
    },
    onSuccess: (count) => toastDone(t('changed', { count })),
    onSettled: () => client.invalidateQueries({ queryKey: unitKeys.all }),
  });
}

function isDone(home: UnitOut, patch: UnitPatch): boolean {
  return Object.entries(patch).every(([field, value]) => home[field as keyof UnitOut] === value);
}

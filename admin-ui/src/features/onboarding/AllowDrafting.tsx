import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { meOptions, useCan, useMe } from '@/api/queries/me';
import { everyRole, patchRole, role as roleQuery, roleKeys } from '@/api/queries/roles';
import type { Permission } from '@/api/schema';
import classes from './onboarding.module.css';

/** What somebody needs to draft a contract with its buyers. */
const DRAFTING: Permission[] = ['contacts.manage', 'contracts.write'];
/** A changed role counts within seconds: how often one asks whether it does. */
const ASK_EVERY_MS = 1000;

/** Administrators set up and agents sell: either an agent drafts, or administrators are let to, which the trail records. */
export function AllowDrafting({ onInvite }: { onInvite: () => void }) {
  const t = useTranslations('onboarding.contract');
  const me = useMe();
  const client = useQueryClient();
  const mayChange = useCan('settings.manage');
  const roles = useQuery({ ...everyRole(), enabled: mayChange });
  const own = roles.data?.find(({ key }) => key === me?.membership?.role);
  const allow = useMutation({
    mutationFn: async () => {
      if (!own) return;
      const { data, etag } = await client.fetchQuery({ ...roleQuery(own.id), staleTime: 0 });
      const permissions = [...new Set([...data.permissions, ...DRAFTING])] as Permission[];
      await patchRole(own.id)(etag, { permissions });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: roleKeys.all }),
  });
  useQuery({ ...meOptions, refetchInterval: ASK_EVERY_MS, enabled: allow.isSuccess });
  return (
    <>
      <p className={classes.hint}>{t('not_you')}</p>
      <div className={classes.buttons}>
        {mayChange && own && (
          <Button size="sm" loading={allow.isPending || allow.isSuccess} onClick={() => allow.mutate()}>
            {t('allow')}
          </Button>
        )}
        <Button size="sm" variant={mayChange ? 'default' : 'filled'} onClick={onInvite}>
          {t('invite_agent')}
        </Button>
      </div>
      {mayChange && <p className={classes.fine}>{t('allow_text')}</p>}
    </>
  );
}

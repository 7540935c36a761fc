import { NumberInput, Select } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { patchTenant, platformKeys, tenant as tenantQuery } from '@/api/queries/platform';
import type { TenantOut, TenantPatch, TenantPlan } from '@/api/schema';
import { useVersionedPatch } from '@/api/versionedPatch';
import { FormModal, Wide } from '@/ui/FormModal';
import { changesOf, useSend } from '@/ui/useSend';
import { PLANS, usePlanName } from './plans';

const LIMITS = ['max_members', 'max_projects', 'max_file_megabytes'] as const;

/** A tenant's plan and limits, with undo and the conflict dialog. */
export function TermsForm({ tenant, onClose }: { tenant: TenantOut; onClose: () => void }) {
  const t = useTranslations('platform.tenant');
  const tt = useTranslations('platform.tenants');
  const tc = useTranslations('common');
  const client = useQueryClient();
  const planName = usePlanName();
  const patch = useVersionedPatch<TenantOut, TenantPatch>({
    queryKey: platformKeys.tenant(tenant.id),
    read: () => client.fetchQuery({ ...tenantQuery(tenant.id), staleTime: 0 }),
    write: patchTenant(tenant.id),
    invalidates: [platformKeys.tenants(), platformKeys.log({ object: tenant.id })],
    label: (field) => t(field),
    show: (field, value) =>
      field === 'plan' ? planName(String(value)) : value === null ? tt('unlimited') : String(value),
  });
  const before = {
    plan: tenant.plan as TenantPlan,
    max_members: tenant.max_members,
    max_projects: tenant.max_projects,
    max_file_megabytes: tenant.max_file_megabytes,
  };
  const form = useForm({ initialValues: before });
  const { busy, send } = useSend(form, { onDone: onClose, shown: true });
  const submit = form.onSubmit((values) =>
    send(async () => {
      const changes = changesOf(before, values);
      if (Object.keys(changes).length > 0) await patch.mutateAsync(changes);
    }),
  );
  return (
    <FormModal title={t('edit_terms')} onClose={onClose} onSubmit={submit} action={tc('save')} busy={busy}>
      <Wide>
        <Select
          label={t('plan')}
          allowDeselect={false}
          data={PLANS.map((plan) => ({ value: plan, label: planName(plan) }))}
          {...form.getInputProps('plan')}
        />
      </Wide>
      {LIMITS.map((limit) => (
        <NumberInput
          key={limit}
          label={t(limit)}
          placeholder={tt('unlimited')}
          description={limit === 'max_members' ? t('no_limit') : undefined}
          min={1}
          allowDecimal={false}
          allowNegative={false}
          thousandSeparator=" "
          {...form.getInputProps(limit)}
          value={form.values[limit] ?? ''}
          onChange={(value) => form.setFieldValue(limit, typeof value === 'number' ? value : null)}
        />
      ))}
    </FormModal>
  );
}

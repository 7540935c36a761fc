import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslations } from 'use-intl';
import type { UnitOut } from '@/api/schema';
import { useLayout } from '@/features/projects/useLayout';
import { FormModal } from '@/ui/FormModal';
import { useSend } from '@/ui/useSend';
import { useUnitPatch } from './useUnitPatch';

export function KeepFromSale({ home, onClose }: { home: UnitOut; onClose: () => void }) {
  const t = useTranslations('homes.peek');
  const patch = useUnitPatch(home.id, useLayout(home.project_id));
  const form = useForm({ initialValues: { not_for_sale_reason: '' } });
  const { busy, send } = useSend(form, { onDone: onClose, shown: true });
  return (
    <FormModal
      title={t('keep_title', { number: home.number })}
      onClose={onClose}
      action={t('keep')}
      busy={busy}
      onSubmit={form.onSubmit((values) => void send(() => patch.mutateAsync(values)))}
    >
      <TextInput
        label={t('keep_reason')}
        required
        maxLength={200}
        data-autofocus
        {...form.getInputProps('not_for_sale_reason')}
      />
    </FormModal>
  );
}

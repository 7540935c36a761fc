import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslations } from 'use-intl';
import type { UnitOut } from '@/api/schema';
import { FormModal } from '@/ui/FormModal';
import { useSend } from '@/ui/useSend';
import { useChangeHomes } from './useChangeHomes';

/** Why several homes are kept from sale. */
export function BulkReason({ homes, onClose }: { homes: UnitOut[]; onClose: () => void }) {
  const t = useTranslations('homes');
  const change = useChangeHomes();
  const form = useForm({ initialValues: { not_for_sale_reason: '' } });
  const { busy, send } = useSend(form, { onDone: onClose, shown: true });
  return (
    <FormModal
      title={t('changing', { count: homes.length })}
      onClose={onClose}
      action={t('peek.keep')}
      busy={busy}
      onSubmit={form.onSubmit((patch) => void send(() => change.mutateAsync({ homes, patch })))}
    >
      <TextInput
        label={t('peek.keep_reason')}
        required
        maxLength={200}
        data-autofocus
        {...form.getInputProps('not_for_sale_reason')}
      />
    </FormModal>
  );
}

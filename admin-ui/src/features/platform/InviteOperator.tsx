import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { inviteOperator, platformKeys } from '@/api/queries/platform';
import { FormModal, Wide } from '@/ui/FormModal';
import { toastDone } from '@/ui/toast';
import { useSend } from '@/ui/useSend';

/** Asks for the address of a new operator. */
export function InviteOperator({ onClose }: { onClose: () => void }) {
  const t = useTranslations('platform.operators');
  const client = useQueryClient();
  const form = useForm({ initialValues: { email: '' } });
  const { busy, send } = useSend(form, { onDone: onClose, kinds: { 'already-operator': 'email' } });
  const submit = form.onSubmit(({ email }) =>
    send(async () => {
      await inviteOperator(email.trim());
      void client.invalidateQueries({ queryKey: platformKeys.operators() });
      toastDone(t('sent', { email: email.trim() }));
    }),
  );
  return (
    <FormModal title={t('invite')} onClose={onClose} onSubmit={submit} action={t('send')} busy={busy}>
      <Wide>
        <TextInput
          label={t('email')}
          description={t('invite_text')}
          type="email"
          autoComplete="off"
          required
          withAsterisk={false}
          data-autofocus
          {...form.getInputProps('email')}
        />
      </Wide>
    </FormModal>
  );
}

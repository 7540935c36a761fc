import { Select, Textarea } from '@mantine/core';
import { useTranslations } from 'use-intl';
import type { CancelIn, CancelReason } from '@/api/schema';
import { REASONS } from './reasons';

export interface Why {
  reason: CancelReason | null;
  note: string;
}

/** The request of a chosen reason; null until one is chosen. */
export const whyOf = ({ reason, note }: Why): CancelIn | null =>
  reason && { reason, ...(note.trim() ? { note: note.trim() } : {}) };

/** Why a contract is cancelled. */
export function CancelFields({ value, onChange }: { value: Why; onChange: (value: Why) => void }) {
  const t = useTranslations('contracts');
  return (
    <>
      <Select
        label={t('confirm.reason')}
        data={REASONS.map((reason) => ({ value: reason, label: t(`reasons.${reason}`) }))}
        value={value.reason}
        onChange={(reason) => onChange({ ...value, reason })}
        required
        allowDeselect={false}
        maxDropdownHeight={320}
        data-autofocus
      />
      <Textarea
        label={t('confirm.note')}
        description={t('confirm.note_hint')}
        value={value.note}
        onChange={(event) => onChange({ ...value, note: event.currentTarget.value })}
        maxLength={500}
        rows={3}
      />
    </>
  );
}

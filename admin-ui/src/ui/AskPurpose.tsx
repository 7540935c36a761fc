import { ActionIcon } from '@mantine/core';
import { IconEye } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslations } from 'use-intl';

const PurposePopover = lazy(() => import('./PurposePopover'));

interface Props {
  field: string;
  onAnswer: (purpose: string) => Promise<void>;
}

/** The eye that asks what a disclosure is for. The question is loaded by the click. */
export function AskPurpose({ field, onAnswer }: Props) {
  const t = useTranslations('common.masked');
  const [asking, setAsking] = useState(false);
  const eye = (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="sm"
      aria-label={t('reveal', { field })}
      aria-expanded={asking}
      onClick={() => setAsking((open) => !open)}
    >
      <IconEye size={14} aria-hidden />
    </ActionIcon>
  );
  if (!asking) return eye;
  return (
    <Suspense fallback={eye}>
      <PurposePopover
        target={eye}
        onClose={() => setAsking(false)}
        onAnswer={async (purpose) => {
          await onAnswer(purpose);
          setAsking(false);
        }}
      />
    </Suspense>
  );
}

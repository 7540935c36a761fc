import { Button, Group, Switch } from '@mantine/core';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { ErrorState } from '@/ui/ErrorState';
import { LinesSkeleton } from '@/ui/Skeletons';
import { ErrorRows } from './ErrorRows';
import classes from './imports.module.css';
import { withCell, type Sheet } from './sheet';
import type { Outcome } from './useImport';

interface Props {
  sheet: Sheet;
  onSheet: (sheet: Sheet) => void;
  outcome: Outcome | undefined;
  problem: unknown;
  busy: boolean;
  release: boolean;
  onRelease: (release: boolean) => void;
  onBack: () => void;
  onCheck: () => void;
  onImport: () => void;
}

/** What the import would do, and what is wrong, where it is wrong. */
export function CheckStep(props: Props) {
  const { sheet, onSheet, outcome, problem, busy } = props;
  const t = useTranslations('imports');
  const tCommon = useTranslations('common');
  const [edited, setEdited] = useState(false);
  if (problem && !busy) return <ErrorState error={problem} onRetry={props.onCheck} />;
  if (busy || !outcome)
    return (
      <>
        <p className={classes.wait}>{t('check.busy', { rows: sheet.count })}</p>
        <LinesSkeleton lines={6} />
      </>
    );
  const { rows_imported: good, rows_refused: bad, rows_read: all } = outcome.report;
  return (
    <>
      <div className={classes.notice} data-tone={bad === 0 ? 'green' : 'amber'} role="status">
        <strong>{bad === 0 ? t('check.all_good', { count: good }) : t('check.some_bad', { good, bad, all })}</strong>
        {bad > 0 && <span>{t(sheet.whole ? 'check.mend' : 'check.mend_elsewhere')}</span>}
      </div>
      {bad > 0 && (
        <ErrorRows
          sheet={sheet}
          errors={outcome.errors}
          onCell={(row, column, value) => {
            onSheet(withCell(sheet, row, column, value));
            setEdited(true);
          }}
        />
      )}
      <Switch
        mt="lg"
        label={t('check.release')}
        description={t('check.release_text')}
        checked={props.release}
        onChange={(event) => props.onRelease(event.currentTarget.checked)}
      />
      <Group justify="flex-end" mt="lg">
        <Button variant="default" size="sm" onClick={props.onBack}>
          {tCommon('back')}
        </Button>
        {bad > 0 && (
          <Button
            variant={edited ? 'filled' : 'default'}
            size="sm"
            onClick={() => {
              setEdited(false);
              props.onCheck();
            }}
          >
            {t('check.again')}
          </Button>
        )}
        <Button size="sm" variant={edited ? 'default' : 'filled'} disabled={good === 0} onClick={props.onImport}>
          {t('check.import', { count: good })}
        </Button>
      </Group>
    </>
  );
}

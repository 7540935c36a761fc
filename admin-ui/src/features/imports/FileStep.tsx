import { Dropzone } from '@mantine/dropzone';
import '@mantine/dropzone/styles.css';
import { IconTableImport } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import zone from '@/features/files/files.module.css';
import classes from './imports.module.css';
import { FIELDS, REQUIRED } from './mapping';
import { readSheet, SheetError, WORKBOOK, type Sheet } from './sheet';

const ACCEPT = { 'text/csv': ['.csv', '.tsv', '.txt'], [WORKBOOK]: ['.xlsx'] };

/** Takes a spreadsheet, and says what one should tell. */
export function FileStep({ onSheet }: { onSheet: (sheet: Sheet) => void }) {
  const t = useTranslations('imports');
  const { busy, why, read } = useReadSheet(onSheet);
  return (
    <>
      <Dropzone
        accept={ACCEPT}
        multiple={false}
        loading={busy}
        onDrop={([file]) => file && read(file)}
        onReject={() => read(undefined)}
        data-large
        classNames={{ root: zone.drop ?? '' }}
        aria-label={t('file.drop')}
        inputProps={{ 'aria-label': t('file.drop') }}
      >
        <IconTableImport size={28} stroke={1.4} aria-hidden />
        <span>
          <strong>{t('file.drop')}</strong>
          <small>{t('file.formats')}</small>
        </span>
      </Dropzone>
      {why && (
        <div className={classes.notice} data-tone="red" role="alert">
          {t(`file.${why}`)}
        </div>
      )}
      <section className={classes.hint}>
        <h2>{t('file.wanted')}</h2>
        <p>{t('file.wanted_text')}</p>
        <ul>
          {FIELDS.map((field) => (
            <li key={field} data-required={REQUIRED.includes(field) || undefined}>
              {t(`field.${field}`)}
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

/** Reads a chosen file; why it cannot be taken, otherwise. */
export function useReadSheet(onSheet: (sheet: Sheet) => void) {
  const [busy, setBusy] = useState(false);
  const [why, setWhy] = useState<SheetError['why'] | null>(null);
  const read = (file: File | undefined) => {
    setWhy(null);
    if (!file) return setWhy('unreadable');
    setBusy(true);
    readSheet(file)
      .then(onSheet)
      .catch((error: unknown) => setWhy(error instanceof SheetError ? error.why : 'unreadable'))
      .finally(() => setBusy(false));
  };
  return { busy, why, read };
}

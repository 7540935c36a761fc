import { useTranslations } from 'use-intl';
import classes from './imports.module.css';
import { FIELDS, valueOf, type Columns } from './mapping';
import { isBlank, type Sheet } from './sheet';

const ROWS = 5;

/** The first rows as they will be read. */
export function SheetPreview({ sheet, columns }: { sheet: Sheet; columns: Columns }) {
  const t = useTranslations('imports');
  const shown = FIELDS.flatMap((field) => (columns[field] ? [{ field, source: columns[field] }] : []));
  const rows = sheet.cells
    .slice(sheet.headerRow, sheet.headerRow + 50)
    .filter((row) => !isBlank(row))
    .slice(0, ROWS);
  if (shown.length === 0) return null;
  return (
    <section className={classes.preview} aria-label={t('columns.preview')} tabIndex={0}>
      <h2>{t('columns.preview')}</h2>
      <table>
        <thead>
          <tr>
            {shown.map(({ field }) => (
              <th key={field} scope="col">
                {t(`field.${field}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              {shown.map(({ field, source }) => (
                <td key={field}>{valueOf(source, sheet.header, row)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

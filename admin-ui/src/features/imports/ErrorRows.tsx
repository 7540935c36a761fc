import { useTranslations } from 'use-intl';
import type { ImportErrorOut } from '@/api/schema';
import classes from './imports.module.css';
import type { Sheet } from './sheet';

const MOST = 200;

interface Props {
  sheet: Sheet;
  errors: ImportErrorOut[];
  /** Absent when nothing can be mended here. */
  onCell?: (row: number, column: number, value: string) => void;
}

/** The rows that were refused, with each fault at its cell; a cell can be mended where it stands. */
export function ErrorRows({ sheet, errors, onCell }: Props) {
  const t = useTranslations('imports');
  const byRow = new Map<number, ImportErrorOut[]>();
  for (const error of errors) byRow.set(error.row, [...(byRow.get(error.row) ?? []), error]);
  const rows = [...byRow].slice(0, MOST);
  const faulty = new Set(errors.map(({ column }) => placeOf(sheet, column)));
  // The first columns say which home it is; then those at fault.
  const shown = [...new Set([0, 1, ...faulty])].filter((place) => place >= 0 && place < sheet.header.length);
  return (
    <section className={classes.preview} aria-label={t('errors.title')} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('errors.row')}</th>
            {shown.map((place) => (
              <th key={place} scope="col">
                {sheet.header[place]}
              </th>
            ))}
            <th scope="col">{t('errors.reason')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([row, faults]) => (
            <tr key={row}>
              <th scope="row">{row}</th>
              {shown.map((place) => {
                const fault = faults.find(({ column }) => placeOf(sheet, column) === place);
                const value = sheet.cells[row - 1]?.[place] ?? '';
                const label = t('errors.cell', { row, column: sheet.header[place] ?? '' });
                return (
                  <td key={place} data-bad={fault ? true : undefined}>
                    {fault && onCell && sheet.whole ? (
                      <input
                        aria-label={label}
                        aria-invalid
                        defaultValue={value}
                        title={fault.reason}
                        onBlur={(event) =>
                          event.currentTarget.value !== value && onCell(row, place, event.currentTarget.value)
                        }
                      />
                    ) : (
                      value
                    )}
                  </td>
                );
              })}
              <td className={classes.reason}>
                {faults.map(({ column, reason }, index) => (
                  <div key={index}>{column ? `${column}: ${reason}` : reason}</div>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {byRow.size > MOST && <p className={classes.more}>{t('errors.more', { count: byRow.size - MOST })}</p>}
    </section>
  );
}

function placeOf(sheet: Sheet, column: string | null): number {
  if (column === null) return -1;
  const folded = column.trim().toLowerCase();
  return sheet.header.findIndex((name) => name.toLowerCase() === folded);
}

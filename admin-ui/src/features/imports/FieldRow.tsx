import { Select, TextInput } from '@mantine/core';
import { useTranslations } from 'use-intl';
import type { Source } from '@/api/schema';
import classes from './imports.module.css';
import { REQUIRED, samples, type Field } from './mapping';
import type { Sheet } from './sheet';

const CONSTANT = '\u0000constant';
const TEMPLATE = '\u0000template';

interface Props {
  field: Field;
  sheet: Sheet;
  source: Source | undefined;
  onSource: (source: Source | undefined) => void;
}

/** Where a field comes from: a column, several of them, or a text for all; with what that gives. */
export function FieldRow({ field, sheet, source, onSource }: Props) {
  const t = useTranslations('imports');
  const required = REQUIRED.includes(field);
  const chosen = !source ? null : 'column' in source ? source.column : 'constant' in source ? CONSTANT : TEMPLATE;
  const choose = (value: string | null) => {
    if (value === null) onSource(undefined);
    else if (value === CONSTANT) onSource({ constant: '' });
    else if (value === TEMPLATE) onSource({ template: sheet.header[0] ? `{${sheet.header[0]}}` : '' });
    else onSource({ column: value });
  };
  const shown = source ? samples(source, sheet) : [];
  const label = t(`field.${field}`);
  return (
    <div className={classes.field} data-missing={(required && !source) || undefined}>
      <span className={classes.fieldName}>
        {label}
        {required && <span aria-hidden> *</span>}
      </span>
      <div className={classes.from}>
        <Select
          size="xs"
          aria-label={t('columns.from', { field: label })}
          aria-required={required}
          placeholder={t('columns.none')}
          data={[
            { group: t('columns.group'), items: columnsIn(sheet, source) },
            {
              group: t('columns.else'),
              items: [
                { value: CONSTANT, label: t('columns.constant') },
                { value: TEMPLATE, label: t('columns.template') },
              ],
            },
          ]}
          value={chosen}
          onChange={choose}
          clearable
          searchable
        />
        {source && 'constant' in source && (
          <TextInput
            size="xs"
            aria-label={`${label}: ${t('columns.constant')}`}
            value={source.constant}
            maxLength={300}
            onChange={(event) => onSource({ constant: event.currentTarget.value })}
          />
        )}
        {source && 'template' in source && (
          <TextInput
            size="xs"
            aria-label={`${label}: ${t('columns.template')}`}
            description={t('columns.template_hint', { example: 'Tower {Bldg}' })}
            value={source.template}
            maxLength={300}
            onChange={(event) => onSource({ template: event.currentTarget.value })}
          />
        )}
      </div>
      <span className={classes.samples}>{shown.join(' · ')}</span>
    </div>
  );
}

/** The file's columns once each, and the mapping's own if the file spells it otherwise. */
function columnsIn(sheet: Sheet, source: Source | undefined): string[] {
  const own = source && 'column' in source ? [source.column] : [];
  return [...new Set([...sheet.header.filter(Boolean), ...own])];
}

import { ActionIcon, Button, Group, Select, SegmentedControl, TagsInput, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { ApiProblem } from '@/api/problem';
import { everyMapping, useDeleteMapping, useSaveMapping } from '@/api/queries/imports';
import type { ColumnMapping, MappingOut } from '@/api/schema';
import { LinesSkeleton } from '@/ui/Skeletons';
import { showProblem } from '@/ui/toast';
import { FieldRow } from './FieldRow';
import classes from './imports.module.css';
import { FIELDS, fits, guess, isPlain, missing, same, type Columns } from './mapping';
import type { Sheet } from './sheet';
import { SheetPreview } from './SheetPreview';

interface Props {
  sheet: Sheet;
  onBack: () => void;
  /** Called with the saved mapping, or without one when the file's own names say it all. */
  onMapped: (mappingId: string | undefined) => void;
}

export function ColumnsStep(props: Props) {
  const saved = useQuery(everyMapping());
  // Without the list one can still go on: a new mapping is made.
  if (saved.isPending) return <LinesSkeleton lines={8} />;
  return <Columns {...props} saved={saved.data ?? []} />;
}

function Columns({ sheet, onBack, onMapped, saved }: Props & { saved: MappingOut[] }) {
  const t = useTranslations('imports');
  const tCommon = useTranslations('common');
  const [first] = useState(() => saved.find(({ mapping }) => fits(mapping, sheet.header) && !isPlain(mapping)));
  const [columns, setColumns] = useState<Columns>(first?.mapping.columns ?? guess(sheet.header));
  const [empties, setEmpties] = useState(first?.mapping.empty_values ?? []);
  const [unit, setUnit] = useState(first?.mapping.price_unit ?? 'major');
  const [name, setName] = useState(sheet.fileName.replace(/\.\w+$/, '').slice(0, 100));
  const [taken, setTaken] = useState(false);
  const save = useSaveMapping();
  const remove = useDeleteMapping();

  const mapping: ColumnMapping = { columns, empty_values: empties, price_unit: unit };
  const known = same(mapping, saved);
  const fresh = !known && !isPlain(mapping);
  const lacking = missing(columns);
  const apply = (id: string | null) => {
    const chosen = saved.find((one) => one.id === id)?.mapping;
    setColumns(chosen?.columns ?? guess(sheet.header));
    setEmpties(chosen?.empty_values ?? []);
    setUnit(chosen?.price_unit ?? 'major');
  };
  const next = async () => {
    if (!fresh) return onMapped(known?.id);
    try {
      onMapped((await save.mutateAsync({ name: name.trim(), mapping })).id);
    } catch (error) {
      if (error instanceof ApiProblem && error.kind === 'mapping-name-taken') setTaken(true);
      else showProblem(error);
    }
  };
  return (
    <>
      <div className={classes.bar}>
        <p>
          {t(sheet.whole ? 'columns.found' : 'columns.found_more', {
            file: sheet.fileName,
            rows: sheet.count,
            columns: sheet.header.length,
          })}
        </p>
        {saved.length > 0 && (
          <Group gap={4} wrap="nowrap">
            <Select
              size="xs"
              aria-label={t('columns.saved')}
              placeholder={t('columns.saved')}
              data={saved.map((one) => ({
                value: one.id,
                label: one.name,
                disabled: !fits(one.mapping, sheet.header),
              }))}
              value={known?.id ?? null}
              onChange={apply}
              clearable
            />
            {known && (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t('columns.forget', { name: known.name })}
                onClick={() => remove.mutate(known.id)}
              >
                <IconTrash size={15} aria-hidden />
              </ActionIcon>
            )}
          </Group>
        )}
      </div>
      <div className={classes.fields}>
        {FIELDS.map((field) => (
          <FieldRow
            key={field}
            field={field}
            sheet={sheet}
            source={columns[field]}
            onSource={(source) =>
              setColumns(({ [field]: _, ...rest }) => (source ? { ...rest, [field]: source } : rest))
            }
          />
        ))}
      </div>
      <div className={classes.options}>
        <div>
          <span className={classes.label}>{t('columns.price_unit')}</span>
          <SegmentedControl
            size="xs"
            aria-label={t('columns.price_unit')}
            value={unit}
            onChange={(value) => setUnit(value as typeof unit)}
            data={[
              { value: 'major', label: t('columns.major') },
              { value: 'minor', label: t('columns.minor') },
            ]}
          />
        </div>
        <TagsInput
          size="xs"
          label={t('columns.empty_values')}
          placeholder="NA, n/a, –"
          value={empties}
          onChange={setEmpties}
          maxTags={50}
          w={280}
        />
        {fresh && (
          <TextInput
            size="xs"
            w={280}
            label={t('columns.save_as')}
            required
            maxLength={100}
            value={name}
            error={taken && t('columns.taken')}
            onChange={(event) => {
              setName(event.currentTarget.value);
              setTaken(false);
            }}
          />
        )}
      </div>
      <SheetPreview sheet={sheet} columns={columns} />
      <Group justify="flex-end" mt="lg">
        {lacking.length > 0 && (
          <span className={classes.lacking} role="status">
            {t('columns.lacking', { fields: lacking.map((field) => t(`field.${field}`)).join(', ') })}
          </span>
        )}
        <Button variant="default" size="sm" onClick={onBack}>
          {tCommon('back')}
        </Button>
        <Button
          size="sm"
          disabled={lacking.length > 0 || (fresh && !name.trim())}
          loading={save.isPending}
          onClick={() => void next()}
        >
          {t('columns.next')}
        </Button>
      </Group>
    </>
  );
}

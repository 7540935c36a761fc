import { Button, FileButton, Modal } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { importErrors, importList } from '@/api/queries/imports';
import { rowsOf } from '@/api/paging';
import type { ImportOut } from '@/api/schema';
import { DateTime } from '@/format';
import { useFormat } from '@/format/useFormat';
import { PlainTable } from '@/table/PlainTable';
import type { Column } from '@/table/types';
import { ErrorState } from '@/ui/ErrorState';
import { LinesSkeleton } from '@/ui/Skeletons';
import { StatusBadge } from '@/ui/StatusBadge';
import { showProblem, toastDone } from '@/ui/toast';
import { useReadSheet } from './FileStep';
import classes from './imports.module.css';
import { useImport } from './useImport';

/** Earlier imports of a project: what came of them, and a way on for those that broke off. */
export function PastImports({ projectId }: { projectId: string }) {
  const t = useTranslations('imports.past');
  const query = useInfiniteQuery(importList(projectId));
  const [explained, setExplained] = useState<ImportOut>();
  const rows = { data: query.data && rowsOf(query.data), error: query.error, refetch: query.refetch };
  const columns = useColumns(setExplained);
  if (rows.data?.length === 0) return null;
  return (
    <section className={classes.past}>
      <h2>{t('title')}</h2>
      <PlainTable label={t('title')} columns={columns} query={rows} rowId={({ id }) => id} empty={null} />
      {query.hasNextPage && (
        <Button
          variant="subtle"
          color="gray"
          mt="xs"
          loading={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {t('more')}
        </Button>
      )}
      {explained && <Errors of={explained} onClose={() => setExplained(undefined)} />}
    </section>
  );
}

function useColumns(onExplain: (row: ImportOut) => void): Column<ImportOut>[] {
  const t = useTranslations('imports.past');
  const format = useFormat();
  return [
    { id: 'file', header: t('file'), width: '34%', render: ({ file_name }) => file_name, phone: 'title' },
    {
      id: 'state',
      header: t('state'),
      width: '18%',
      render: ({ state, dry_run }) => <StatusBadge status={dry_run && state === 'finished' ? 'checked' : state} />,
      phone: 'badge',
    },
    {
      id: 'homes',
      header: t('homes'),
      width: '12%',
      align: 'end',
      render: ({ rows_imported }) => format.number(rows_imported),
    },
    {
      id: 'refused',
      header: t('refused'),
      width: '14%',
      align: 'end',
      render: (row) =>
        row.rows_refused > 0 ? (
          <Button variant="subtle" size="compact-xs" onClick={() => onExplain(row)}>
            {format.number(row.rows_refused)}
          </Button>
        ) : (
          format.number(0)
        ),
    },
    {
      id: 'when',
      header: t('when'),
      width: '14%',
      align: 'end',
      render: ({ created_at }) => <DateTime at={created_at} as="relative" />,
      phone: 'meta',
    },
    {
      id: 'resume',
      header: '',
      width: '100px',
      align: 'end',
      render: (row) => (row.state === 'running' && !row.dry_run ? <Resume broken={row} /> : null),
      phone: 'end',
    },
  ];
}

/** The same file again: what was written is skipped. */
function Resume({ broken }: { broken: ImportOut }) {
  const t = useTranslations('imports');
  const sending = useImport(broken.project_id);
  const { busy, read } = useReadSheet((sheet) => {
    void sending.resume(broken, sheet).then((outcome) => {
      if (outcome) toastDone(t('done.title', { count: outcome.report.rows_imported }));
    });
  });
  const [shown, setShown] = useState<unknown>(null);
  if (sending.problem && sending.problem !== shown) {
    setShown(sending.problem);
    showProblem(sending.problem);
  }
  return (
    <FileButton accept=".csv,.tsv,.txt,.xlsx" onChange={(file) => file && read(file)}>
      {(props) => (
        <Button
          {...props}
          variant="default"
          size="compact-xs"
          loading={busy || sending.busy !== null}
          title={t('past.resume_hint', { file: broken.file_name })}
        >
          {t('import.resume')}
        </Button>
      )}
    </FileButton>
  );
}

function Errors({ of, onClose }: { of: ImportOut; onClose: () => void }) {
  const t = useTranslations('imports');
  const query = useQuery(importErrors(of.id));
  return (
    <Modal opened onClose={onClose} title={t('past.errors_of', { file: of.file_name })} size="lg">
      {query.error && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LinesSkeleton lines={6} />}
      {query.data && (
        <ul className={classes.errorList}>
          {query.data.map(({ row, column, reason }, index) => (
            <li key={index}>
              <b>{t('errors.row_number', { row })}</b> {column ? `${column}: ${reason}` : reason}
            </li>
          ))}
        </ul>
      )}
    </Modal>
  );
}

import { Button, Group, Progress } from '@mantine/core';
import { IconCheck, IconLayoutGrid, IconTable } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { importProgress } from '@/api/queries/imports';
import type { ProjectOut } from '@/api/schema';
import { ErrorState } from '@/ui/ErrorState';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorRows } from './ErrorRows';
import classes from './imports.module.css';
import type { Sheet } from './sheet';
import type { Outcome, useImport } from './useImport';

interface Props {
  project: ProjectOut;
  sheet: Sheet;
  outcome: Outcome | undefined;
  sending: ReturnType<typeof useImport>;
  onResumed: (outcome: Outcome) => void;
  onAgain: () => void;
  onRetry: () => void;
  onDone?: (imported: number) => void;
}

/** How far it is, and what came of it. */
export function DoneStep(props: Props) {
  const { outcome, sending } = props;
  if (sending.busy) return <Running project={props.project} sheet={props.sheet} />;
  if (outcome) return <Finished {...props} outcome={outcome} />;
  return <BrokeOff {...props} />;
}

/** The newest import of the project is ours: it was begun a moment ago. */
function Running({ project, sheet }: { project: ProjectOut; sheet: Sheet }) {
  const t = useTranslations('imports.import');
  const { data } = useQuery(importProgress(project.id));
  const read = data && !data.dry_run && data.file_name === sheet.fileName ? data.rows_read : 0;
  const part = Math.min(100, (read / Math.max(sheet.count, 1)) * 100);
  return (
    <div className={classes.running} role="status">
      <p>{t('running', { read, all: sheet.count })}</p>
      <Progress value={part} animated aria-label={t('progress')} />
      <small>{t('leave')}</small>
    </div>
  );
}

function Finished({ project, sheet, outcome, onAgain, onDone }: Props & { outcome: Outcome }) {
  const t = useTranslations('imports');
  const { rows_imported: good, rows_refused: bad } = outcome.report;
  return (
    <>
      <EmptyState
        icon={<IconCheck size={20} aria-hidden />}
        title={t('done.title', { count: good })}
        action={
          onDone ? (
            <Button size="sm" onClick={() => onDone(good)}>
              {t('done.go_on')}
            </Button>
          ) : (
            <Group justify="center">
              <Button
                size="sm"
                leftSection={<IconLayoutGrid size={15} aria-hidden />}
                renderRoot={(rest) => <Link {...rest} to="/homes" search={{ project: project.id, view: 'board' }} />}
              >
                {t('done.board')}
              </Button>
              <Button
                size="sm"
                variant="default"
                leftSection={<IconTable size={15} aria-hidden />}
                renderRoot={(rest) => <Link {...rest} to="/homes" search={{ project: project.id }} />}
              >
                {t('done.table')}
              </Button>
              <Button size="sm" variant="default" onClick={onAgain}>
                {t('done.again')}
              </Button>
            </Group>
          )
        }
      >
        {t('done.text', { project: project.name })}
      </EmptyState>
      {bad > 0 && (
        <>
          <div className={classes.notice} data-tone="amber">
            <strong>{t('done.refused', { count: bad })}</strong>
            <span>{t('done.refused_text')}</span>
          </div>
          <ErrorRows sheet={sheet} errors={outcome.errors} />
        </>
      )}
    </>
  );
}

/** The connection went while it ran: what was written is written, and it goes on from there. */
function BrokeOff({ project, sheet, sending, onResumed, onRetry }: Props) {
  const t = useTranslations('imports.import');
  const newest = useQuery({ ...importProgress(project.id), refetchInterval: false }).data;
  const broken =
    newest && newest.state === 'running' && !newest.dry_run && newest.file_name === sheet.fileName ? newest : undefined;
  const resume = async () => {
    const outcome = broken && (await sending.resume(broken, sheet));
    if (outcome) onResumed(outcome);
  };
  return (
    <>
      <ErrorState error={sending.problem} {...(broken ? {} : { onRetry })} />
      {broken && (
        <div className={classes.center}>
          <p>{t('broke_off', { read: broken.rows_read, all: sheet.count })}</p>
          <Button size="sm" onClick={() => void resume()}>
            {t('resume')}
          </Button>
        </div>
      )}
    </>
  );
}

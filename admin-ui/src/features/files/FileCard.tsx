import { ActionIcon, Button } from '@mantine/core';
import { IconDownload, IconFileTypePdf, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { linkOf, pictureLink, useConfirmFile } from '@/api/queries/files';
import type { FileOut, PlanOut } from '@/api/schema';
import { DateTime } from '@/format';
import { useFormat } from '@/format/useFormat';
import { StatusBadge } from '@/ui/StatusBadge';
import { showProblem } from '@/ui/toast';
import { lazily } from '@/ui/lazily';
import classes from './files.module.css';

const RemoveFile = lazily(() => import('./RemoveFile').then((part) => part.RemoveFile));

interface Props {
  file: FileOut;
  mayRemove: boolean;
  /** Named where files of several plans are shown. */
  plan?: PlanOut | undefined;
}

export function FileCard({ file, mayRemove, plan }: Props) {
  const t = useTranslations('files');
  const format = useFormat();
  const [removing, setRemoving] = useState(false);
  const ready = file.state === 'ready';
  const download = () => void save(file.id).catch(showProblem);
  return (
    <li className={classes.card}>
      <button
        type="button"
        className={classes.thumb}
        disabled={!ready}
        aria-label={t('download', { name: file.name })}
        onClick={download}
      >
        {ready && file.content_type.startsWith('image/') ? (
          <Picture file={file} />
        ) : (
          <IconFileTypePdf size={30} stroke={1.2} aria-hidden />
        )}
      </button>
      <div className={classes.text}>
        <span className={classes.name} title={file.name}>
          {file.name}
        </span>
        <span className={classes.meta}>
          {format.bytes(file.length)} · <DateTime at={file.created_at} as="date" />
        </span>
        {plan && (
          <Link
            to="/projects/$projectId/plans/$planId"
            params={{ projectId: plan.project_id, planId: plan.id }}
            className={classes.meta}
          >
            {plan.name}
          </Link>
        )}
        {!ready && <StatusBadge status={file.state} />}
        {file.rejected_because && <span className={classes.bad}>{file.rejected_because}</span>}
        <div className={classes.tools}>
          {file.state === 'quarantined' && mayRemove && <CheckAgain id={file.id} />}
          {ready && (
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('download', { name: file.name })}
              onClick={download}
            >
              <IconDownload size={15} aria-hidden />
            </ActionIcon>
          )}
          {mayRemove && (
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('remove', { name: file.name })}
              onClick={() => setRemoving(true)}
            >
              <IconTrash size={15} aria-hidden />
            </ActionIcon>
          )}
        </div>
      </div>
      {removing && <RemoveFile file={file} onClose={() => setRemoving(false)} />}
    </li>
  );
}

/** An upload that broke off: it may have arrived all the same. */
function CheckAgain({ id }: { id: string }) {
  const t = useTranslations('files');
  const confirm = useConfirmFile();
  return (
    <Button variant="default" size="compact-xs" loading={confirm.isPending} onClick={() => confirm.mutate(id)}>
      {t('check')}
    </Button>
  );
}

function Picture({ file }: { file: FileOut }) {
  const link = useQuery(pictureLink(file.id));
  if (!link.data) return <span className={`skeleton ${classes.blank}`} />;
  return <img src={link.data.url} alt="" loading="lazy" />;
}

/** The link makes the browser save the file, under its name. */
async function save(id: string): Promise<void> {
  const { url } = await linkOf(id);
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.rel = 'noopener';
  anchor.click();
}

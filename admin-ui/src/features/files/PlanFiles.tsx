import { useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { useCan } from '@/api/queries/me';
import { filesOf } from '@/api/queries/files';
import { ErrorState } from '@/ui/ErrorState';
import { LinesSkeleton } from '@/ui/Skeletons';
import { FileCard } from './FileCard';
import { SendingCard } from './SendingCard';
import { UploadZone } from './LazyUploadZone';
import classes from './files.module.css';
import { useUploads } from './useUploads';

interface Props {
  projectId: string;
  planId: string;
  /** Shows without a place to drop files. */
  readOnly?: boolean;
}

/** The floorplans of a plan, and a place to drop new ones. */
export function PlanFiles({ projectId, planId, readOnly = false }: Props) {
  const t = useTranslations('files');
  const mayRead = useCan('files.read');
  const query = useQuery({ ...filesOf({ project_id: projectId, plan_id: planId }), enabled: mayRead });
  const may = useCan('files.manage') && !readOnly;
  const uploads = useUploads(projectId, planId);
  if (!mayRead) return null;
  if (query.error && !query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LinesSkeleton lines={3} />;
  // What was declared here and is still on its way has a card already.
  const underWay = new Set(uploads.sending.map(({ fileId }) => fileId));
  const files = query.data.filter(({ id, state }) => !underWay.has(id) && (may || state === 'ready'));
  return (
    <>
      {may && <UploadZone onFiles={uploads.add} large={files.length + uploads.sending.length === 0} />}
      {readOnly && files.length === 0 && <p className={classes.nothing}>{t('none_of_plan')}</p>}
      <ul className={classes.cards}>
        {uploads.sending.map((one) => (
          <SendingCard key={one.key} sending={one} onRepeat={uploads.repeat} onDrop={() => uploads.drop(one.key)} />
        ))}
        {files.map((file) => (
          <FileCard key={file.id} file={file} mayRemove={may} />
        ))}
      </ul>
    </>
  );
}

import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { filesOf } from '@/api/queries/files';
import { useCan } from '@/api/queries/me';
import { plansOf } from '@/api/queries/plans';
import { ErrorState } from '@/ui/ErrorState';
import { LinesSkeleton } from '@/ui/Skeletons';
import { FileCard } from './FileCard';
import { SendingCard } from './SendingCard';
import { UploadZone } from './LazyUploadZone';
import classes from './files.module.css';
import { useUploads } from './useUploads';

/** All files of a project; those of a plan say so. */
export function ProjectFiles({ projectId }: { projectId: string }) {
  const t = useTranslations('files');
  const query = useQuery(filesOf({ project_id: projectId }));
  const plans = useQuery(plansOf(projectId));
  const may = useCan('files.manage');
  const [planId, setPlanId] = useState<string | null>(null);
  const uploads = useUploads(projectId, planId ?? undefined);
  if (query.error && !query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LinesSkeleton lines={4} />;
  const underWay = new Set(uploads.sending.map(({ fileId }) => fileId));
  const files = query.data.filter(({ id }) => !underWay.has(id));
  return (
    <>
      {may && (
        <>
          <Select
            label={t('for_plan')}
            placeholder={t('whole_project')}
            data={plans.data?.map(({ id, name }) => ({ value: id, label: name })) ?? []}
            value={planId}
            onChange={setPlanId}
            clearable
            maw={280}
            mb="sm"
          />
          <UploadZone onFiles={uploads.add} large={files.length + uploads.sending.length === 0} />
        </>
      )}
      {!may && files.length === 0 && <p className={classes.nothing}>{t('none')}</p>}
      <ul className={classes.cards}>
        {uploads.sending.map((one) => (
          <SendingCard key={one.key} sending={one} onRepeat={uploads.repeat} onDrop={() => uploads.drop(one.key)} />
        ))}
        {files.map((file) => (
          <FileCard
            key={file.id}
            file={file}
            mayRemove={may}
            plan={plans.data?.find(({ id }) => id === file.plan_id)}
          />
        ))}
      </ul>
    </>
  );
}

import { ActionIcon } from '@mantine/core';
import { IconDownload, IconFiles, IconFileTypePdf, IconPhoto } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { filesOfPlan, saveFile } from '@/api/queries/documents';
import { unit } from '@/api/queries/units';
import type { FileOut } from '@/api/schema';
import { DateTime } from '@/format';
import { useFormat } from '@/format/useFormat';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorState } from '@/ui/ErrorState';
import { LinesSkeleton } from '@/ui/Skeletons';
import classes from './contracts.module.css';

/** The documents of the contract's home. */
export function Documents({ unitId }: { unitId: string }) {
  const t = useTranslations('contracts.documents');
  const home = useQuery(unit(unitId));
  const planId = home.data?.data.plan_id;
  const files = useQuery({ ...filesOfPlan(planId ?? ''), enabled: Boolean(planId) });
  const error = home.error ?? files.error;
  const icon = <IconFiles size={20} stroke={1.6} aria-hidden />;
  if (error) return <ErrorState error={error} onRetry={() => void (home.error ? home : files).refetch()} />;
  if (home.data && !planId) return <EmptyState icon={icon} title={t('empty_title')} children={t('no_plan')} />;
  if (!files.data) return <LinesSkeleton lines={3} />;
  if (files.data.length === 0) return <EmptyState icon={icon} title={t('empty_title')} children={t('empty_text')} />;
  return (
    <section className={classes.section}>
      <h2 className={classes.heading}>{t('title')}</h2>
      <ul className={classes.files}>
        {files.data.map((file) => (
          <File key={file.id} file={file} />
        ))}
      </ul>
    </section>
  );
}

function File({ file }: { file: FileOut }) {
  const t = useTranslations('contracts.documents');
  const format = useFormat();
  const save = useMutation({ mutationFn: () => saveFile(file.id) });
  const Icon = file.content_type === 'application/pdf' ? IconFileTypePdf : IconPhoto;
  return (
    <li className={classes.file}>
      <Icon size={18} stroke={1.5} aria-hidden />
      <span className={classes.fileName}>{file.name}</span>
      <span className={classes.hint}>
        {format.bytes(file.length)} · <DateTime at={file.created_at} as="date" />
      </span>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={t('download', { name: file.name })}
        loading={save.isPending}
        onClick={() => save.mutate()}
      >
        <IconDownload size={16} aria-hidden />
      </ActionIcon>
    </li>
  );
}

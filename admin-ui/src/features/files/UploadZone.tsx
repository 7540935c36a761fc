import { Dropzone, type FileRejection } from '@mantine/dropzone';
import '@mantine/dropzone/styles.css';
import { IconFileUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { useFormat } from '@/format/useFormat';
import classes from './files.module.css';
import { FORMATS, MAX_BYTES } from './useUploads';

/** 50 MiB, rounded down to what people count in. */
const SHOWN_LIMIT = 50_000_000;

/** Takes files by dropping, by clicking, or from the keyboard. */
export function UploadZone({ onFiles, large }: { onFiles: (files: File[]) => void; large: boolean }) {
  const t = useTranslations('files');
  const format = useFormat();
  const [refused, setRefused] = useState<FileRejection[]>([]);
  return (
    <div className={classes.zone}>
      <Dropzone
        accept={[...FORMATS]}
        maxSize={MAX_BYTES}
        onDrop={(files) => {
          setRefused([]);
          onFiles(files);
        }}
        onReject={setRefused}
        data-large={large || undefined}
        classNames={{ root: classes.drop ?? '' }}
        aria-label={t('drop')}
        inputProps={{ 'aria-label': t('drop') }}
      >
        <IconFileUpload size={large ? 26 : 18} stroke={1.5} aria-hidden />
        <span>
          <strong>{t('drop')}</strong>
          <small>{t('formats', { size: format.bytes(SHOWN_LIMIT) })}</small>
        </span>
      </Dropzone>
      {refused.length > 0 && (
        <ul className={classes.refused} role="alert">
          {refused.map(({ file, errors }) => (
            <li key={file.name}>
              {t(errors[0]?.code === 'file-too-large' ? 'too_large' : 'wrong_format', { name: file.name })}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

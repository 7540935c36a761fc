import { Button, Popover } from '@mantine/core';
import { IconCopy, IconDownload } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { useTranslations } from 'use-intl';
import { useMe } from '@/api/queries/me';
import type { CheckpointOut } from '@/api/schema';
import type { Opening } from '@/ui/OnDemand';
import { toastDone } from '@/ui/toast';
import { download } from './exported';
import { useLogKey } from './logKey';
import classes from './audit.module.css';

const COMMAND = 'keystead audit verify audit.ndjson --key keystead-audit.key --checkpoint checkpoint.tlog-proof';

interface Props extends Opening {
  target: ReactElement;
  checkpoint: CheckpointOut | null;
}

/** What to keep apart from us, and what it is good for. */
export default function SignedPopover({ target, checkpoint, ...opening }: Props) {
  return (
    <Popover position="bottom-start" width={340} trapFocus {...opening}>
      <Popover.Target>{target}</Popover.Target>
      <Popover.Dropdown>
        <Evidence checkpoint={checkpoint} />
      </Popover.Dropdown>
    </Popover>
  );
}

function Evidence({ checkpoint }: { checkpoint: CheckpointOut | null }) {
  const t = useTranslations('audit.signed');
  const tc = useTranslations('common');
  const tenant = useMe()?.membership?.tenant;
  const { key } = useLogKey();
  const icon = { size: 15, 'aria-hidden': true } as const;
  const save = (text: string, name: string) => download(new Blob([text], { type: 'text/plain' }), name);
  const copy = (text: string) => void navigator.clipboard.writeText(text).then(() => toastDone(tc('copied')));
  return (
    <div className={classes.evidence}>
      {checkpoint && (
        <Button
          variant="default"
          leftSection={<IconDownload {...icon} />}
          onClick={() => save(checkpoint.proof, `checkpoint-${tenant}-${checkpoint.n}.tlog-proof`)}
        >
          {t('checkpoint')}
        </Button>
      )}
      <Button
        variant="default"
        leftSection={<IconDownload {...icon} />}
        disabled={!key}
        onClick={() => key && save(`${key}\n`, 'keystead-audit.key')}
      >
        {t('key')}
      </Button>
      <Button variant="default" leftSection={<IconCopy {...icon} />} disabled={!key} onClick={() => key && copy(key)}>
        {t('copy_key')}
      </Button>
      <p>{t('offline')}</p>
      <code className={classes.long}>{COMMAND}</code>
    </div>
  );
}

import { useNetwork } from '@mantine/hooks';
import { IconWifiOff } from '@tabler/icons-react';
import { useTranslations } from 'use-intl';
import classes from './shell.module.css';

/** Says that the network is gone, for as long as it is. */
export function OfflineBar() {
  const t = useTranslations('shell');
  const { online } = useNetwork();
  return (
    <div role="status" className={classes.offline}>
      {!online && (
        <span>
          <IconWifiOff size={14} aria-hidden /> {t('offline')}
        </span>
      )}
    </div>
  );
}

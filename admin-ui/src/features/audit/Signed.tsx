import { Button } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { lazy } from 'react';
import { useTranslations } from 'use-intl';
import type { CheckpointOut } from '@/api/schema';
import { useFormat } from '@/format/useFormat';
import { OnDemand } from '@/ui/OnDemand';
import classes from './audit.module.css';

const loadPopover = () => import('./SignedPopover');
const SignedPopover = lazy(loadPopover);

/** How far the server says that the chain is signed; what proves it is behind the button. */
export function Signed({ checkpoint }: { checkpoint: CheckpointOut | null }) {
  const t = useTranslations('audit.signed');
  const format = useFormat();
  return (
    <OnDemand
      load={loadPopover}
      opens="dialog"
      button={
        <Button
          variant="subtle"
          color="gray"
          className={classes.signed ?? ''}
          rightSection={<IconChevronDown size={14} aria-hidden />}
        >
          {checkpoint ? t('up_to', { n: checkpoint.n, ago: format.relative(checkpoint.at) }) : t('not_yet')}
        </Button>
      }
      menu={(target, opening) => <SignedPopover target={target} checkpoint={checkpoint} {...opening} />}
    />
  );
}

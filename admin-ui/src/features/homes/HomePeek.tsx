import { Button, Drawer } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconArrowUpRight } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { unit } from '@/api/queries/units';
import type { UnitOut } from '@/api/schema';
import { useLayout } from '@/features/projects/useLayout';
import { Money } from '@/format';
import { PHONE } from '@/ui/usePhone';
import { ErrorState } from '@/ui/ErrorState';
import { LinesSkeleton } from '@/ui/Skeletons';
import { StatusBadge } from '@/ui/StatusBadge';
import { DraftContract } from './DraftContract';
import { HomeContracts } from './HomeContracts';
import classes from './home.module.css';
import { useFacts } from './useFacts';
import { SaleSwitch } from './SaleSwitch';
import { WhyStatus } from './WhyStatus';

export interface PeekProps {
  /** Nothing is shown without one. */
  unitId: string | undefined;
  /** What the list knows of it already. */
  known?: Pick<UnitOut, 'number'> | undefined;
  onClose: () => void;
}

/** A home at a glance, beside the list or the board; from below on a phone. */
export function HomePeek({ unitId, known, onClose }: PeekProps) {
  const t = useTranslations('homes');
  const phone = useMediaQuery(PHONE, undefined, { getInitialValueInEffect: false }) ?? false;
  return (
    <Drawer
      opened={unitId !== undefined}
      onClose={onClose}
      position={phone ? 'bottom' : 'right'}
      size={phone ? 'auto' : 400}
      classNames={phone ? { content: classes.sheet ?? '' } : {}}
      title={known ? t('home', { number: known.number }) : t('title')}
      // Beside a board, another home can be chosen while this one is shown.
      withOverlay={phone}
      shadow="xl"
    >
      {unitId && <Peek unitId={unitId} />}
    </Drawer>
  );
}

function Peek({ unitId }: { unitId: string }) {
  const query = useQuery(unit(unitId));
  const home = query.data?.data;
  if (!home && query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return home ? <Glance home={home} /> : <LinesSkeleton lines={5} />;
}

function Glance({ home }: { home: UnitOut }) {
  const t = useTranslations('homes');
  const layout = useLayout(home.project_id);
  const facts = useFacts(layout);
  const building = home.building_id ? layout.buildings.get(home.building_id)?.name : undefined;
  const place = [building, home.floor === null ? null : t('short.floor', { floor: home.floor })].filter(Boolean);
  return (
    <div className={classes.glance}>
      <div className={classes.headline}>
        <span className={classes.price}>
          <Money value={home.price} />
        </span>
        <StatusBadge status={home.status} />
      </div>
      <p className={classes.line}>{facts(home)}</p>
      {place.length > 0 && <p className={classes.line}>{place.join(' · ')}</p>}
      {home.address && <p className={classes.line}>{home.address}</p>}
      <WhyStatus home={home} layout={layout} />
      <HomeContracts home={home} />
      <div className={classes.buttons}>
        <DraftContract home={home} />
        <Button
          variant="default"
          size="sm"
          leftSection={<IconArrowUpRight size={15} aria-hidden />}
          renderRoot={(props) => <Link {...props} to="/homes/$unitId" params={{ unitId: home.id }} />}
        >
          {t('peek.open')}
        </Button>
        <SaleSwitch home={home} />
      </div>
    </div>
  );
}

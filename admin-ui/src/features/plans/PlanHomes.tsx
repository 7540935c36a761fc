import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { IconHome } from '@tabler/icons-react';
import { HomePeek } from '@/features/homes/LazyHomePeek';
import { useTranslations } from 'use-intl';
import { board } from '@/api/queries/units';
import type { CellOut, PlanOut, Status } from '@/api/schema';
import { Board } from '@/features/homes/Board';
import classes from '@/features/homes/homes.module.css';
import { Legend } from '@/features/homes/Legend';
import { tally } from '@/features/homes/tally';
import { useLayout } from '@/features/projects/useLayout';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorState } from '@/ui/ErrorState';
import { LinesSkeleton } from '@/ui/Skeletons';

/** Where a plan is built. */
export function PlanHomes({ plan }: { plan: PlanOut }) {
  const t = useTranslations('homes.empty');
  const layout = useLayout(plan.project_id);
  const query = useQuery(board(plan.project_id));
  const [only, setOnly] = useState<Status>();
  const [shown, setShown] = useState<CellOut>();
  if (query.error && !query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data || !layout.ready) return <LinesSkeleton />;
  const homes = query.data.items.filter(({ plan_id }) => plan_id === plan.id);
  if (homes.length === 0)
    return <EmptyState icon={<IconHome size={20} stroke={1.6} aria-hidden />} title={t('title')} />;
  return (
    <>
      <div className={classes.legend}>
        <Legend counts={tally(homes)} only={only} onOnly={setOnly} />
      </div>
      <Board homes={homes} layout={layout} only={only} current={shown?.id} onPick={setShown} />
      <HomePeek unitId={shown?.id} known={shown} onClose={() => setShown(undefined)} />
    </>
  );
}

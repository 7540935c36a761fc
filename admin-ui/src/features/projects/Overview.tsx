import { Button } from '@mantine/core';
import { IconHome, IconLayoutGrid, IconTable, IconTableImport } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { HomePeek } from '@/features/homes/LazyHomePeek';
import { useTranslations } from 'use-intl';
import { useCan } from '@/api/queries/me';
import { board } from '@/api/queries/units';
import type { CellOut, ProjectOut, Status } from '@/api/schema';
import { Board } from '@/features/homes/Board';
import { Legend } from '@/features/homes/Legend';
import { tally } from '@/features/homes/tally';
import { Money } from '@/format';
import { useFormat } from '@/format/useFormat';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorState } from '@/ui/ErrorState';
import { LinesSkeleton } from '@/ui/Skeletons';
import classes from './projects.module.css';
import { lazily } from '@/ui/lazily';
import { useLayout } from './useLayout';

const HomeForms = lazily(() => import('@/features/homes/HomeForms').then((part) => part.HomeForms));

/** Where a project stands: how much is free, and what. */
export function Overview({ project }: { project: ProjectOut }) {
  const query = useQuery(board(project.id));
  if (query.error && !query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LinesSkeleton lines={8} />;
  return query.data.items.length === 0 ? (
    <NoHomes project={project} />
  ) : (
    <Homes project={project} homes={query.data.items} />
  );
}

function Homes({ project, homes }: { project: ProjectOut; homes: CellOut[] }) {
  const t = useTranslations('projects.overview');
  const navigate = useNavigate();
  const layout = useLayout(project.id);
  const format = useFormat();
  const [only, setOnly] = useState<Status>();
  const [shown, setShown] = useState<CellOut>();
  const counts = tally(homes);
  const sold = counts.by.offer + counts.by.pending_signature;
  const open = (view?: 'board') =>
    void navigate({ to: '/homes', search: { project: project.id, ...(view ? { view } : {}) } });
  return (
    <>
      <dl className={classes.figures}>
        <Figure name={t('availability')} value={t('free_of', { free: counts.by.available, all: counts.all })}>
          {counts.from && t('from', { price: format.money(counts.from) })}
        </Figure>
        <Figure name={t('sold')} value={format.number(sold)} />
        {counts.value && <Figure name={t('value')} value={<Money value={counts.value} />} />}
      </dl>
      <div className={classes.bar}>
        <Legend counts={counts} only={only} onOnly={setOnly} />
        <div className={classes.links}>
          <Button
            variant="default"
            leftSection={<IconLayoutGrid size={14} aria-hidden />}
            onClick={() => open('board')}
          >
            {t('board')}
          </Button>
          <Button variant="default" leftSection={<IconTable size={14} aria-hidden />} onClick={() => open()}>
            {t('table')}
          </Button>
        </div>
      </div>
      {layout.ready && <Board homes={homes} layout={layout} only={only} current={shown?.id} onPick={setShown} />}
      <HomePeek unitId={shown?.id} known={shown} onClose={() => setShown(undefined)} />
    </>
  );
}

function Figure({ name, value, children }: { name: string; value: React.ReactNode; children?: React.ReactNode }) {
  return (
    <div className={classes.figure}>
      <dt>{name}</dt>
      <dd>
        {value}
        {children && <small>{children}</small>}
      </dd>
    </div>
  );
}

function NoHomes({ project }: { project: ProjectOut }) {
  const t = useTranslations('projects.overview');
  const mayAdd = useCan('units.manage');
  const mayImport = useCan('projects.manage') && mayAdd;
  const [adding, setAdding] = useState(false);
  return (
    <EmptyState
      icon={<IconHome size={20} stroke={1.6} aria-hidden />}
      title={t('no_homes', { name: project.name })}
      action={
        <div className={classes.links}>
          {mayImport && (
            <Button
              leftSection={<IconTableImport size={14} aria-hidden />}
              renderRoot={(props) => <Link {...props} to="/homes/import" search={{ project: project.id }} />}
            >
              {t('import')}
            </Button>
          )}
          {mayAdd && (
            <Button variant="default" onClick={() => setAdding(true)}>
              {t('add_home')}
            </Button>
          )}
          {adding && <HomeForms projectId={project.id} onClose={() => setAdding(false)} />}
        </div>
      }
    >
      {t('no_homes_text')}
    </EmptyState>
  );
}

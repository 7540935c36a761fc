import { Button } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { useCan } from '@/api/queries/me';
import { board, unit } from '@/api/queries/units';
import type { UnitOut } from '@/api/schema';
import { PlanFiles } from '@/features/files/PlanFiles';
import { useLayout, type Layout } from '@/features/projects/useLayout';
import { Money } from '@/format';
import { useCommands } from '@/shell/commands';
import { useShortcuts } from '@/shell/shortcuts';
import { ErrorState } from '@/ui/ErrorState';
import { RecordPage } from '@/ui/RecordPage';
import { PageSkeleton } from '@/ui/Skeletons';
import { StatusBadge } from '@/ui/StatusBadge';
import { Board } from './Board';
import { DraftContract } from './DraftContract';
import { HomeContracts } from './HomeContracts';
import { HomeProperties } from './HomeProperties';
import { SaleSwitch } from './SaleSwitch';
import { useFacts } from './useFacts';
import { WhyStatus } from './WhyStatus';
import { lazily } from '@/ui/lazily';
import classes from './home.module.css';

const EditHome = lazily(() => import('./HomeForm').then((part) => part.EditHome));

export function HomePage({ unitId }: { unitId: string }) {
  const query = useQuery(unit(unitId));
  if (query.data) return <Home home={query.data.data} />;
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <PageSkeleton />;
}

function Home({ home }: { home: UnitOut }) {
  const t = useTranslations('homes');
  const layout = useLayout(home.project_id);
  const may = useCan('units.manage');
  const [editing, setEditing] = useState(false);
  const edit = () => setEditing(true);
  useCommands(
    may
      ? [{ id: 'edit-home', label: t('edit_title', { number: home.number }), group: 'act', keys: 'e', run: edit }]
      : [],
  );
  useShortcuts(may ? [{ keys: 'e', label: t('edit'), group: 'page', run: edit }] : []);
  return (
    <>
      <RecordPage
        title={t('home', { number: home.number })}
        aside={<StatusBadge status={home.status} />}
        actions={
          <>
            {may && (
              <Button variant="default" leftSection={<IconPencil size={14} aria-hidden />} onClick={edit}>
                {t('edit')}
              </Button>
            )}
            <DraftContract home={home} />
          </>
        }
        properties={<HomeProperties home={home} layout={layout} />}
        tab="home"
        onTab={() => undefined}
        tabs={[{ value: 'home', label: t('record.home'), content: <Content home={home} layout={layout} /> }]}
      />
      {editing && <EditHome home={home} onClose={() => setEditing(false)} />}
    </>
  );
}

function Content({ home, layout }: { home: UnitOut; layout: Layout }) {
  const t = useTranslations('homes');
  const facts = useFacts(layout);
  const mayContracts = useCan('contracts.read');
  const plan = home.plan_id ? layout.plans.get(home.plan_id) : undefined;
  return (
    <>
      <section className={classes.section}>
        <div className={classes.hero}>
          <span className={classes.price}>
            <Money value={home.price} />
          </span>
          <span className={classes.line}>{facts(home)}</span>
        </div>
        <WhyStatus home={home} layout={layout} />
        <div className={classes.buttons}>
          <SaleSwitch home={home} />
        </div>
      </section>
      {mayContracts && (
        <section className={classes.section}>
          <h2>{t('record.contracts')}</h2>
          <HomeContracts home={home} empty />
        </section>
      )}
      {home.building_id && <Neighbours home={home} layout={layout} buildingId={home.building_id} />}
      {plan && (
        <section className={classes.section}>
          <h2>{t('record.floorplans', { plan: plan.name })}</h2>
          <PlanFiles projectId={home.project_id} planId={plan.id} readOnly />
        </section>
      )}
    </>
  );
}

/** The home among those of its building. */
function Neighbours({ home, layout, buildingId }: { home: UnitOut; layout: Layout; buildingId: string }) {
  const t = useTranslations('homes');
  const navigate = useNavigate();
  const query = useQuery(board(home.project_id, buildingId));
  if (!query.data) return null;
  return (
    <section className={classes.section}>
      <h2>{t('record.where')}</h2>
      <Board
        homes={query.data.items}
        layout={layout}
        current={home.id}
        onPick={({ id }) => void navigate({ to: '/homes/$unitId', params: { unitId: id } })}
      />
    </section>
  );
}

import { Button, SegmentedControl } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { phasesOf } from '@/api/queries/phases';
import { unitList } from '@/api/queries/units';
import { rowsOf } from '@/api/paging';
import type { ProjectOut, UnitOut } from '@/api/schema';
import { NewHome } from '@/features/homes/HomeForm';
import { ImportWizard } from '@/features/imports/ImportWizard';
import { NewPhase } from '@/features/projects/PhaseForm';
import { OnPage } from '@/ui/FormModal';
import { LinesSkeleton } from '@/ui/Skeletons';
import { Done } from './Done';
import classes from './onboarding.module.css';

/** Homes from a spreadsheet, or one by one. */
export function HomesStep({ project, onDone }: { project: ProjectOut; onDone: () => void }) {
  const t = useTranslations('onboarding');
  const [way, setWay] = useState<'file' | 'hand'>('file');
  const homes = useInfiniteQuery(unitList({ project_id: project.id }));
  const count = rowsOf(homes.data).length;
  return (
    <>
      {count > 0 && (
        <Done text={t(homes.hasNextPage ? 'homes.done_many' : 'homes.done', { count, project: project.name })}>
          <Button size="sm" onClick={onDone}>
            {t('next')}
          </Button>
        </Done>
      )}
      <SegmentedControl
        mb="md"
        size="xs"
        aria-label={t('homes.title')}
        value={way}
        onChange={(value) => setWay(value as typeof way)}
        data={[
          { value: 'file', label: t('homes.from_file') },
          { value: 'hand', label: t('homes.by_hand') },
        ]}
      />
      {way === 'file' ? <ImportWizard project={project} releaseFirst onDone={onDone} /> : <ByHand project={project} />}
    </>
  );
}

/** A phase first, then home after home, each beginning like the one before. */
function ByHand({ project }: { project: ProjectOut }) {
  const t = useTranslations('onboarding.homes');
  const phases = useQuery(phasesOf(project.id));
  const [last, setLast] = useState<UnitOut>();
  if (!phases.data) return <LinesSkeleton lines={4} />;
  if (phases.data.length === 0)
    return (
      <OnPage>
        <p className={classes.hint}>{t('phase_first')}</p>
        <NewPhase project={project} released onClose={() => undefined} />
      </OnPage>
    );
  return (
    <OnPage>
      {last && (
        <p className={classes.hint} role="status">
          {t('added', { number: last.number })}
        </p>
      )}
      <NewHome
        key={last?.id}
        project={project}
        {...(last ? { like: likeOf(last) } : {})}
        onClose={() => undefined}
        onCreated={setLast}
      />
    </OnPage>
  );
}

/** What a neighbour has in common; its number is its own. */
function likeOf(home: UnitOut): Partial<UnitOut> {
  const { phase_id, building_id, floor, plan_id, elevation_id, price } = home;
  return { phase_id, building_id, floor, plan_id, elevation_id, price };
}

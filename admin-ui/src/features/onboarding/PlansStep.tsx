import { Button, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { filesOf } from '@/api/queries/files';
import { plansOf } from '@/api/queries/plans';
import type { ProjectOut } from '@/api/schema';
import { PlanFiles } from '@/features/files/PlanFiles';
import { NewPlan } from '@/features/plans/PlanForm';
import { ErrorState } from '@/ui/ErrorState';
import { OnPage } from '@/ui/FormModal';
import { LinesSkeleton } from '@/ui/Skeletons';
import classes from './onboarding.module.css';

const NEW = 'new';

/** The plans that the homes named, and their floorplans by drag and drop. */
export function PlansStep({ project, onDone }: { project: ProjectOut; onDone: () => void }) {
  const t = useTranslations('onboarding');
  const plans = useQuery(plansOf(project.id));
  const files = useQuery(filesOf({ project_id: project.id }));
  const [chosen, setChosen] = useState<string>();
  if (plans.error && !plans.data) return <ErrorState error={plans.error} onRetry={() => void plans.refetch()} />;
  if (!plans.data) return <LinesSkeleton lines={5} />;
  const shown = chosen ?? plans.data[0]?.id ?? NEW;
  const count = (id: string) => files.data?.filter(({ plan_id }) => plan_id === id).length ?? 0;
  return (
    <>
      {plans.data.length > 0 && (
        <div className={classes.plans}>
          <SegmentedControl
            size="xs"
            aria-label={t('plans.title')}
            value={shown}
            onChange={setChosen}
            data={[
              ...plans.data.map(({ id, name }) => ({
                value: id,
                label: count(id) > 0 ? `${name} · ${count(id)}` : name,
              })),
              { value: NEW, label: t('plans.new') },
            ]}
          />
        </div>
      )}
      {shown === NEW ? (
        <OnPage>
          <NewPlan projectId={project.id} onClose={() => undefined} onCreated={({ id }) => setChosen(id)} />
        </OnPage>
      ) : (
        <PlanFiles key={shown} projectId={project.id} planId={shown} />
      )}
      {(files.data?.length ?? 0) > 0 && (
        <div className={classes.buttons}>
          <Button size="sm" onClick={onDone}>
            {t('next')}
          </Button>
        </div>
      )}
    </>
  );
}

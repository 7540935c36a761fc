import { Button } from '@mantine/core';
import { IconFilePlus } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { contractList } from '@/api/queries/contracts';
import { useCan } from '@/api/queries/me';
import { unitList } from '@/api/queries/units';
import { rowsOf } from '@/api/paging';
import type { ProjectOut } from '@/api/schema';
import { AllowDrafting } from './AllowDrafting';
import { Done } from './Done';
import classes from './onboarding.module.css';
import type { StepName } from './steps';

/** The first contract: who may draft it does, who may not learns who does. */
export function ContractStep({ project, onStep }: { project: ProjectOut; onStep: (step: StepName) => void }) {
  const t = useTranslations('onboarding');
  const may = useCan('contracts.write');
  const contracts = useInfiniteQuery({ ...contractList({}), enabled: useCan('contracts.read') });
  const free = useInfiniteQuery(unitList({ project_id: project.id, status: 'available' }));
  const first = rowsOf(contracts.data).at(-1);
  if (first)
    return (
      <Done text={t('contract.done')}>
        <Button
          size="sm"
          renderRoot={(props) => <Link {...props} to="/contracts/$contractId" params={{ contractId: first.id }} />}
        >
          {t('contract.open')}
        </Button>
      </Done>
    );
  if (free.data && rowsOf(free.data).length === 0)
    return (
      <>
        <p className={classes.hint}>{t('contract.no_home')}</p>
        <div className={classes.buttons}>
          <Button size="sm" onClick={() => onStep('homes')}>
            {t('homes.title')}
          </Button>
          <Button
            size="sm"
            variant="default"
            renderRoot={(props) => (
              <Link
                {...props}
                to="/projects/$projectId"
                params={{ projectId: project.id }}
                search={{ tab: 'phases' }}
              />
            )}
          >
            {t('contract.release')}
          </Button>
        </div>
      </>
    );
  if (!may) return <AllowDrafting onInvite={() => onStep('people')} />;
  return (
    <div className={classes.buttons}>
      <Button
        size="sm"
        leftSection={<IconFilePlus size={15} aria-hidden />}
        renderRoot={(props) => <Link {...props} to="/contracts/new" search={{ project_id: project.id }} />}
      >
        {t('contract.draft')}
      </Button>
    </div>
  );
}

import { Button } from '@mantine/core';
import { useTranslations } from 'use-intl';
import type { ProjectOut } from '@/api/schema';
import { NewProject } from '@/features/projects/ProjectForm';
import { OnPage } from '@/ui/FormModal';
import { Done } from './Done';

export function ProjectStep({ project, onDone }: { project: ProjectOut | undefined; onDone: () => void }) {
  const t = useTranslations('onboarding');
  if (project)
    return (
      <Done text={t('project.done', { name: project.name })}>
        <Button size="sm" onClick={onDone}>
          {t('next')}
        </Button>
      </Done>
    );
  return (
    <OnPage>
      <NewProject onClose={onDone} />
    </OnPage>
  );
}

import { useQuery } from '@tanstack/react-query';
import { everyProject } from '@/api/queries/projects';
import { toastDone } from '@/ui/toast';
import { useTranslations } from 'use-intl';
import { NewHome } from './HomeForm';

/** The form of a new home, in the project of the page or in the first. */
export function HomeForms({ projectId, onClose }: { projectId: string | undefined; onClose: () => void }) {
  const t = useTranslations('common');
  const projects = useQuery(everyProject());
  const project = projects.data?.find(({ id }) => id === projectId) ?? projects.data?.[0];
  if (!project) return null;
  return <NewHome project={project} onClose={onClose} onCreated={() => toastDone(t('saved'))} />;
}

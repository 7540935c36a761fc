import { useTranslations } from 'use-intl';
import { useProjects } from '@/features/contracts/names';
import type { ScopeValue } from './Scope';

/** `Fusion`, `Fusion and 2 more`, `All projects`. */
export function ScopeText({ scope }: { scope: ScopeValue }) {
  const t = useTranslations('members');
  const projects = useProjects();
  if (scope.all_projects) return t('all_projects');
  const names = scope.project_ids.map((id) => projects.get(id)?.name ?? '…').toSorted();
  if (names.length === 0) return t('no_projects');
  if (names.length <= 2) return <span title={names.join(', ')}>{names.join(', ')}</span>;
  return <span title={names.join(', ')}>{t('more_projects', { first: names[0]!, count: names.length - 1 })}</span>;
}

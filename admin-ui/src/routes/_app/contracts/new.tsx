import { createFileRoute } from '@tanstack/react-router';
import { everyProject } from '@/api/queries/projects';
import { NewContractPage } from '@/features/contracts/NewContractPage';

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

export const Route = createFileRoute('/_app/contracts/new')({
  /** The home or the project to begin with. */
  validateSearch: ({ unit_id, project_id }): { unit_id?: string | undefined; project_id?: string | undefined } => ({
    unit_id: text(unit_id),
    project_id: text(project_id),
  }),
  loader: ({ context }) => void context.queryClient.prefetchQuery(everyProject()),
  component: NewContractPage,
});

import { createFileRoute } from '@tanstack/react-router';
import { contract } from '@/api/queries/contracts';
import { everyProject } from '@/api/queries/projects';
import { ContractPage } from '@/features/contracts/ContractPage';

const TABS = ['overview', 'documents', 'audit'] as const;

export const Route = createFileRoute('/_app/contracts/$contractId')({
  validateSearch: (search): { tab?: (typeof TABS)[number] | undefined } => ({
    tab: TABS.find((tab) => tab === search.tab),
  }),
  loader: ({ context: { queryClient }, params: { contractId } }) => {
    void queryClient.prefetchQuery(contract(contractId));
    void queryClient.prefetchQuery(everyProject());
  },
  component: ContractPage,
});

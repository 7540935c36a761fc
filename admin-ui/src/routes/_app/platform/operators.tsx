import { createFileRoute } from '@tanstack/react-router';
import { operatorList } from '@/api/queries/platform';
import { OperatorsPage } from '@/features/platform/OperatorsPage';

export const Route = createFileRoute('/_app/platform/operators')({
  loader: ({ context }) => void context.queryClient.prefetchQuery(operatorList()),
  component: OperatorsPage,
});

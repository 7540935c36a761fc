import { createFileRoute } from '@tanstack/react-router';
import { unit } from '@/api/queries/units';
import { HomePage } from '@/features/homes/HomePage';

export const Route = createFileRoute('/_app/homes/$unitId')({
  loader: ({ context, params }) => void context.queryClient.prefetchQuery(unit(params.unitId)),
  component: function Home() {
    return <HomePage unitId={Route.useParams().unitId} />;
  },
});

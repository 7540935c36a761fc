import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';

/** The dashboard of one project, or of all that the member works in. */
export const dashboardOptions = (projectId: string | undefined) =>
  queryOptions({
    queryKey: ['dashboard', projectId ?? null],
    queryFn: ({ signal }) =>
      unwrap(api.GET('/v1/dashboard', { params: { query: projectId ? { project_id: projectId } : {} }, signal })),
    placeholderData: keepPreviousData,
  });

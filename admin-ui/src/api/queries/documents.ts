import { queryOptions } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import { everyPage } from '@/api/paging';

/** The files of a plan that may be downloaded. */
export const filesOfPlan = (planId: string) =>
  queryOptions({
    queryKey: ['files', 'of-plan', planId],
    queryFn: async ({ signal }) => {
      const files = await everyPage((cursor) =>
        unwrap(api.GET('/v1/files', { params: { query: { plan_id: planId, limit: 200, cursor } }, signal })),
      );
      return files.filter(({ state }) => state === 'ready');
    },
  });

/** Saves a file: its link lives for seconds and is not kept. */
export async function saveFile(id: string): Promise<void> {
  const { url } = await unwrap(api.POST('/v1/files/{id}/link', { params: { path: { id } } }));
  window.location.assign(url);
}

import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';

/** Records of every kind that match what was typed. What was typed stays in memory: it may be a person's name. */
export const searchOptions = (q: string) =>
  queryOptions({
    queryKey: ['search', q],
    queryFn: ({ signal }) => unwrap(api.GET('/v1/search', { params: { query: { q } }, signal })),
    enabled: q.length > 0,
    placeholderData: keepPreviousData,
    gcTime: 30_000,
    retry: false,
  });

import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import { everyPage } from '@/api/paging';
import type { FileIn } from '@/api/schema';

/** The files of a project, or of one of its plans. */
export interface FileFilters {
  project_id: string;
  plan_id?: string;
}

export const fileKeys = {
  all: ['files'] as const,
  of: (filters: FileFilters) => [...fileKeys.all, 'of', filters] as const,
  link: (id: string) => [...fileKeys.all, 'link', id] as const,
};

export const filesOf = (filters: FileFilters) =>
  queryOptions({
    queryKey: fileKeys.of(filters),
    queryFn: ({ signal }) =>
      everyPage((cursor) =>
        unwrap(api.GET('/v1/files', { params: { query: { limit: 200, ...filters, cursor } }, signal })),
      ),
  });

/** A link to the content; it lives for a minute. */
export const linkOf = (id: string) => unwrap(api.POST('/v1/files/{id}/link', { params: { path: { id } } }));

/** The link of a picture on screen: a new one only when the old one has run out. */
export const pictureLink = (id: string) =>
  queryOptions({
    queryKey: fileKeys.link(id),
    queryFn: () => linkOf(id),
    staleTime: 50_000,
    gcTime: 50_000,
    refetchOnWindowFocus: false,
  });

export const declareFile = (key: string, body: FileIn) =>
  unwrap(api.POST('/v1/files', { params: { header: { 'Idempotency-Key': key } }, body }));

/** A new URL for a file whose upload did not finish. */
export const uploadAgain = (id: string) => unwrap(api.POST('/v1/files/{id}/upload', { params: { path: { id } } }));

export const confirmFile = (id: string) => unwrap(api.POST('/v1/files/{id}/confirm', { params: { path: { id } } }));

export function useConfirmFile() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: confirmFile,
    onSettled: () => client.invalidateQueries({ queryKey: fileKeys.all }),
  });
}

export function useRemoveFile() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE('/v1/files/{id}', { params: { path: { id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: fileKeys.all }),
  });
}

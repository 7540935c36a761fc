import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, unwrap } from '@/api/client';
import { everyPage, keyset } from '@/api/paging';
import type { ImportErrorOut, ImportReport, MappingIn } from '@/api/schema';

export const importKeys = {
  all: ['imports'] as const,
  list: (projectId: string | undefined) => [...importKeys.all, 'list', projectId] as const,
  progress: (projectId: string) => [...importKeys.all, 'progress', projectId] as const,
  errors: (id: string) => [...importKeys.all, 'errors', id] as const,
  mappings: () => ['import-mappings'] as const,
};

export const importList = (projectId: string | undefined) =>
  infiniteQueryOptions({
    queryKey: importKeys.list(projectId),
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: 20, cursor: pageParam, ...(projectId ? { project_id: projectId } : {}) };
      return unwrap(api.GET('/v1/imports', { params: { query }, signal }));
    },
    ...keyset,
  });

/** How often one looks how far an import is; a member has a hundred requests a minute. */
const LOOK_EVERY_MS = 1500;

/** The newest import of a project, looked at again and again while it runs. */
export const importProgress = (projectId: string) =>
  queryOptions({
    queryKey: importKeys.progress(projectId),
    queryFn: async ({ signal }) => {
      const query = { project_id: projectId, limit: 1 };
      return (await unwrap(api.GET('/v1/imports', { params: { query }, signal }))).items[0] ?? null;
    },
    refetchInterval: LOOK_EVERY_MS,
    gcTime: 0,
    staleTime: 0,
  });

/** What was wrong, row by row; at most what a person would look at. */
export const importErrors = (id: string) =>
  queryOptions({
    queryKey: importKeys.errors(id),
    queryFn: async ({ signal }) => {
      const found: ImportErrorOut[] = [];
      let cursor: string | undefined;
      do {
        const params = { path: { id }, query: { limit: 200, cursor } };
        const page = await unwrap(api.GET('/v1/imports/{id}/errors', { params, signal }));
        found.push(...page.items);
        cursor = page.next_cursor ?? undefined;
      } while (cursor && found.length < 1000);
      return found;
    },
    staleTime: Infinity,
  });

export interface ImportOrder {
  projectId: string;
  mappingId: string | undefined;
  fileName: string;
  dryRun: boolean;
  releasePhases: boolean;
  content: Blob;
}

/** The body is the file itself. */
const asFile = (content: Blob) => ({
  body: content as unknown as string,
  bodySerializer: () => content,
  headers: { 'content-type': 'text/csv' },
});

export function sendImport(order: ImportOrder): Promise<ImportReport> {
  const query = {
    project_id: order.projectId,
    ...(order.mappingId ? { mapping_id: order.mappingId } : {}),
    dry_run: order.dryRun,
    release_phases: order.releasePhases,
    file_name: order.fileName,
  };
  return unwrap(api.POST('/v1/imports', { params: { query }, ...asFile(order.content) }));
}

/** Goes on with an import that broke off; the same file, whole. */
export function resumeImport(id: string, content: Blob): Promise<ImportReport> {
  return unwrap(api.POST('/v1/imports/{id}/resume', { params: { path: { id } }, ...asFile(content) }));
}

export const everyMapping = () =>
  queryOptions({
    queryKey: importKeys.mappings(),
    queryFn: ({ signal }) =>
      everyPage((cursor) =>
        unwrap(api.GET('/v1/import-mappings', { params: { query: { limit: 200, cursor } }, signal })),
      ),
    staleTime: 60_000,
  });

export function useSaveMapping() {
  const client = useQueryClient();
  return useMutation({
    meta: { handlesProblem: true },
    mutationFn: (body: MappingIn) => unwrap(api.POST('/v1/import-mappings', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: importKeys.mappings() }),
  });
}

export function useDeleteMapping() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => unwrap(api.DELETE('/v1/import-mappings/{id}', { params: { path: { id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: importKeys.mappings() }),
  });
}

import { useMutation, useQueryClient, type QueryKey } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { openConflict } from '@/ui/conflict';
import { showProblem, toastDone } from '@/ui/toast';
import type { Versioned } from './client';
import { ApiProblem } from './problem';

interface Options<T extends object, P extends object> {
  /** Where the record's `Versioned<T>` is cached. */
  queryKey: QueryKey;
  read: () => Promise<Versioned<T>>;
  write: (etag: string, patch: P) => Promise<Versioned<T>>;
  /** Lists that show the record. */
  invalidates: readonly QueryKey[];
  /** How a field is called, for the conflict dialog. */
  label: (field: keyof P & string) => string;
  /** How a value reads there; its JSON unless given. */
  show?: (field: keyof P & string, value: unknown) => string;
}

/**
 * Changes a record at once on screen and then on the server, with an undo. When somebody else changed it first (412), both
 * versions are shown, and one's own is written only after saying so. Field errors are thrown for the form.
 */
export function useVersionedPatch<T extends object, P extends object>(options: Options<T, P>) {
  const client = useQueryClient();
  const t = useTranslations('common');
  const { queryKey, read, write, invalidates } = options;

  const settle = (written: Versioned<T>) => {
    client.setQueryData(queryKey, written);
    for (const key of invalidates) void client.invalidateQueries({ queryKey: key });
    return written;
  };

  const resolve = async (patch: P): Promise<void> => {
    const theirs = await read();
    client.setQueryData(queryKey, theirs);
    const fields = (Object.keys(patch) as (keyof P & string)[]).map((field) => ({
      label: options.label(field),
      mine: show(options, field, patch[field]),
      theirs: show(options, field, (theirs.data as Record<string, unknown>)[field]),
    }));
    openConflict({ fields, keepMine: async () => void settle(await write(theirs.etag, patch)) });
  };

  return useMutation({
    meta: { handlesProblem: true },
    mutationFn: async (patch: P) => {
      const known = client.getQueryData<Versioned<T>>(queryKey) ?? (await read());
      const before = pick(known.data, Object.keys(patch)) as P;
      client.setQueryData<Versioned<T>>(queryKey, { ...known, data: { ...known.data, ...patch } });
      try {
        return { written: settle(await write(known.etag, patch)), before };
      } catch (error) {
        client.setQueryData(queryKey, known);
        throw error;
      }
    },
    onSuccess: ({ written, before }) =>
      toastDone(t('saved'), { undo: async () => void settle(await write(written.etag, before)), undoLabel: t('undo') }),
    onError: (error, patch) => {
      if (error instanceof ApiProblem && error.status === 412) return resolve(patch).catch(showProblem);
      if (!(error instanceof ApiProblem && error.fields.length > 0)) showProblem(error);
      return undefined;
    },
  });
}

function pick(row: object, fields: string[]): Record<string, unknown> {
  return Object.fromEntries(fields.map((field) => [field, (row as Record<string, unknown>)[field]]));
}

function show<T extends object, P extends object>(
  options: Options<T, P>,
  field: keyof P & string,
  value: unknown,
): string {
  if (options.show) return options.show(field, value);
  return value === null || value === undefined
    ? '–'
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);
}

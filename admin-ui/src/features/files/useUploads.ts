import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { idempotencyKey } from '@/api/client';
import { confirmFile, declareFile, fileKeys, uploadAgain } from '@/api/queries/files';
import type { ContentType, Upload } from '@/api/schema';
import { sendFile, sha256 } from '@/api/upload';

export const FORMATS = ['application/pdf', 'image/png', 'image/jpeg'] as const satisfies ContentType[];
export const MAX_BYTES = 50 * 1024 * 1024;

/** A file on its way: read, sent, then checked by the server. */
export interface Sending {
  key: string;
  file: File;
  stage: 'reading' | 'sending' | 'checking' | 'failed';
  /** 0 to 1. */
  sent: number;
  error?: unknown;
  /** The server's file, once it is declared: a repeat goes on with it. */
  fileId?: string;
}

/** Declares, sends and confirms files; what is ready leaves the list for that of the server. */
export function useUploads(projectId: string, planId: string | undefined) {
  const client = useQueryClient();
  const [sending, setSending] = useState<Sending[]>([]);
  const change = (key: string, part: Partial<Sending>) =>
    setSending((all) => all.map((one) => (one.key === key ? { ...one, ...part } : one)));
  const drop = (key: string) => setSending((all) => all.filter((one) => one.key !== key));

  const declare = async ({ key, file }: Sending): Promise<{ id: string; upload: Upload }> =>
    declareFile(key, {
      project_id: projectId,
      ...(planId ? { plan_id: planId } : {}),
      kind: 'floorplan',
      name: file.name.slice(0, 200),
      content_type: file.type as ContentType,
      length: file.size,
      sha256: await sha256(file),
    });

  const run = async (one: Sending): Promise<void> => {
    try {
      change(one.key, { stage: 'reading', sent: 0, error: undefined });
      const { id, upload } = one.fileId
        ? { id: one.fileId, upload: await uploadAgain(one.fileId) }
        : await declare(one);
      change(one.key, { stage: 'sending', fileId: id });
      await sendFile(upload, one.file, (sent) => change(one.key, { sent }));
      change(one.key, { stage: 'checking' });
      await confirmFile(id);
      drop(one.key);
    } catch (error) {
      change(one.key, { stage: 'failed', error });
    } finally {
      await client.invalidateQueries({ queryKey: fileKeys.all });
    }
  };

  const add = (files: File[]) => {
    const fresh = files.map((file): Sending => ({ key: idempotencyKey(), file, stage: 'reading', sent: 0 }));
    setSending((all) => [...all, ...fresh]);
    // One after the other: several big files at once would only share the line.
    void fresh.reduce((before, one) => before.then(() => run(one)), Promise.resolve());
  };

  return { sending, add, repeat: (one: Sending) => void run(one), drop };
}

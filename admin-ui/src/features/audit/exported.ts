import { api, unwrap } from '@/api/client';

/** The whole trail as it comes in. */
export async function exportStream(): Promise<ReadableStream<Uint8Array>> {
  const stream = await unwrap(api.GET('/v1/audit/export', { parseAs: 'stream' }));
  return stream as unknown as ReadableStream<Uint8Array>;
}

/** A break-off: the answer ended before its manifest said. */
export class BrokenOff extends Error {}

/** Passes bytes on, says how many, and fails at the end if there are fewer lines than the manifest declares. */
function counted(onBytes: (bytes: number) => void): TransformStream<Uint8Array, Uint8Array> {
  const NEWLINE = 10;
  let bytes = 0;
  let lines = 0;
  let first = '';
  const decoder = new TextDecoder();
  return new TransformStream({
    transform(chunk, controller) {
      if (lines === 0) first += decoder.decode(chunk, { stream: true });
      for (const byte of chunk) if (byte === NEWLINE) lines += 1;
      bytes += chunk.length;
      onBytes(bytes);
      controller.enqueue(chunk);
    },
    flush(controller) {
      const { count } = JSON.parse(first.split('\n')[0] ?? '{}') as { count?: number };
      if (count === undefined || lines < count + 1) controller.error(new BrokenOff());
    },
  });
}

interface FilePicker {
  showSaveFilePicker?: (options: { suggestedName: string }) => Promise<{
    createWritable: () => Promise<WritableStream<Uint8Array>>;
  }>;
}

/** Saves the trail as a file: straight to the disk where the browser can, else by way of memory. Null when given up. */
export async function saveExport(name: string, onBytes: (bytes: number) => void): Promise<void | null> {
  const { showSaveFilePicker } = window as FilePicker;
  if (showSaveFilePicker) {
    const file = await showSaveFilePicker({ suggestedName: name }).catch(() => null);
    if (!file) return null;
    const stream = (await exportStream()).pipeThrough(counted(onBytes));
    return stream.pipeTo(await file.createWritable());
  }
  const stream = (await exportStream()).pipeThrough(counted(onBytes));
  return download(await new Response(stream).blob(), name);
}

/** Saves what is in memory as a file. */
export function download(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

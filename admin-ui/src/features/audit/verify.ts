/** Why a chain does not hold, as `audit.chain.reasons` calls it. */
export type Fault = 'edited' | 'gap' | 'start' | 'truncated' | 'head' | 'malformed' | 'earlier';

/** A link of the chain that somebody vouches for. */
export interface Head {
  n: number;
  hash: string;
}

export type Verdict = { ok: true; head: Head } | { ok: false; n: number; fault: Fault };

interface Manifest {
  format: string;
  tenant: string;
  from: number;
  count: number;
  prev: string;
  head: string;
}

const FORMAT = 'keystead-audit-v1';
const utf8 = new TextEncoder();

/** The lines of a stream, without waiting for its end. */
async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = '';
  const reader = stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (rest + part.value).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest) yield rest;
}

/**
 * Recomputes the hash chain of an export. `known` is a link that was verified before: the export has to contain it.
 * The algorithm is that of `keystead audit verify`: h_n = SHA-256(format ‖ tenant ‖ n ‖ h_{n-1} ‖ SHA-256(text)).
 */
export async function verifyExport(
  stream: ReadableStream<Uint8Array>,
  server: Head,
  known: Head | null,
  onProgress: (done: number, total: number) => void,
): Promise<Verdict> {
  const lines = linesOf(stream);
  const manifest = parse<Manifest>((await lines.next()).value);
  if (manifest?.format !== FORMAT || manifest.from !== 1) return { ok: false, n: 0, fault: 'malformed' };
  const tenant = bytesOf(manifest.tenant.replace(/^tnt_/, ''));
  const domain = utf8.encode(FORMAT);
  let hash = await sha256(domain, new Uint8Array(1), tenant);
  if (hexOf(hash) !== manifest.prev) return { ok: false, n: 0, fault: 'start' };

  let n = 0;
  const refuse = (fault: Fault): Verdict => ({ ok: false, n: n + (fault === 'truncated' ? 0 : 1), fault });
  for await (const line of lines) {
    const event = parse<{ n: number; leaf: string; hash: string }>(line);
    if (!event || typeof event.leaf !== 'string') return refuse('malformed');
    if (event.n !== n + 1) return refuse('gap');
    hash = await sha256(domain, tenant, bigEndian(event.n), hash, await sha256(utf8.encode(event.leaf)));
    const text = hexOf(hash);
    if (text !== event.hash) return refuse('edited');
    if (known?.n === event.n && known.hash !== text) return refuse('earlier');
    // The server named its head before the export began, so the export contains it.
    if (server.n === event.n && server.hash !== text) return refuse('head');
    n = event.n;
    if (n % 250 === 0) onProgress(n, manifest.count);
  }
  if (n < manifest.count || n < server.n || (known && n < known.n)) return refuse('truncated');
  if (hexOf(hash) !== manifest.head) return { ok: false, n, fault: 'head' };
  return { ok: true, head: { n, hash: hexOf(hash) } };
}

async function sha256(...parts: Uint8Array[]): Promise<Uint8Array> {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', joined));
}

function bigEndian(n: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(n));
  return bytes;
}

const hexOf = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

const bytesOf = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

function parse<T>(line: string | undefined): T | null {
  try {
    return JSON.parse(line ?? '') as T;
  } catch {
    return null;
  }
}

import { bigEndian, bytesOf, hexOf, sha256, utf8 } from './bytes';
import { parseKey, parseProof, signedBy, type LogKey, type Proof } from './checkpoint';

/** Why a chain does not hold, as `audit.chain.reasons` calls it. */
export type Fault =
  | 'edited'
  | 'gap'
  | 'start'
  | 'truncated'
  | 'head'
  | 'malformed'
  | 'earlier'
  /** A checkpoint that the key did not sign, of something else, or without the one before it. */
  | 'unsigned'
  /** The chain contradicts a signed checkpoint. */
  | 'signed';

/** A link of the chain that somebody vouches for. */
export interface Head {
  n: number;
  hash: string;
}

/** What is known from elsewhere. */
export interface Expected {
  /** Where the chain stood before the export began, so the export contains it. */
  server: Head & { checkpoint: Head | null };
  /** A link that was verified before, and how far the chain was signed then: the export has to contain both. */
  known: (Head & { signed: number | null }) | null;
  /** The log's key, and those of before it, as texts; without one nothing is asked to be signed. */
  keys: readonly string[];
}

/** `signed` is how far the chain is signed by a key: null when there is no checkpoint yet, or no key. */
export type Verdict = { ok: true; head: Head; signed: number | null } | Refusal;
type Refusal = { ok: false; n: number; fault: Fault };

interface Checkpoint extends Head {
  proof: string;
}

interface Manifest {
  format: string;
  tenant: string;
  from: number;
  count: number;
  prev: string;
  head: string;
  /** The newest, ascending, none left out between them. */
  checkpoints: Checkpoint[];
}

const FORMAT = 'keystead-audit-v1';

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
 * Recomputes the hash chain of an export and checks what is signed of it.
 * The algorithm is that of `keystead audit verify`: h_n = SHA-256(format ‖ tenant ‖ n ‖ h_{n-1} ‖ SHA-256(text)).
 */
export async function verifyExport(
  stream: ReadableStream<Uint8Array>,
  expected: Expected,
  onProgress: (done: number, total: number) => void,
): Promise<Verdict> {
  const { server, known } = expected;
  const lines = linesOf(stream);
  const manifest = parse<Manifest>((await lines.next()).value);
  if (!manifest || !isReadable(manifest)) return { ok: false, n: 0, fault: 'malformed' };
  const tenant = bytesOf(manifest.tenant.replace(/^tnt_/, ''));
  const domain = utf8.encode(FORMAT);
  let hash = await sha256(domain, new Uint8Array(1), tenant);
  if (hexOf(hash) !== manifest.prev) return { ok: false, n: 0, fault: 'start' };
  const unsigned = await unsignedIn(manifest, expected);
  if (unsigned !== null) return { ok: false, n: unsigned, fault: 'unsigned' };

  let n = 0;
  const contradicted = contradictions(manifest, expected);
  const refuse = (fault: Fault): Refusal => ({ ok: false, n: n + (fault === 'truncated' ? 0 : 1), fault });
  for await (const line of lines) {
    const event = parse<{ n: number; leaf: string; hash: string }>(line);
    if (!event || typeof event.leaf !== 'string') return refuse('malformed');
    if (event.n !== n + 1) return refuse('gap');
    hash = await sha256(domain, tenant, bigEndian(event.n), hash, await sha256(utf8.encode(event.leaf)));
    const text = hexOf(hash);
    if (text !== event.hash) return refuse('edited');
    const fault = contradicted({ n: event.n, hash: text });
    if (fault) return refuse(fault);
    n = event.n;
    if (n % 250 === 0) onProgress(n, manifest.count);
  }
  const last = manifest.checkpoints.at(-1)?.n ?? 0;
  if (n < Math.max(manifest.count, server.n, known?.n ?? 0, last)) return refuse('truncated');
  if (hexOf(hash) !== manifest.head) return { ok: false, n, fault: 'head' };
  return { ok: true, head: { n, hash: hexOf(hash) }, signed: expected.keys.length > 0 && last > 0 ? last : null };
}

function isReadable({ format, from, tenant, checkpoints }: Manifest): boolean {
  const readable = format === FORMAT && from === 1 && typeof tenant === 'string' && Array.isArray(checkpoints);
  // Every one is about an event, and about a later one than the one before it.
  return readable && checkpoints.every(({ n }, place) => n > (checkpoints[place - 1]?.n ?? 0));
}

/** The number of the first checkpoint that is not signed, or of one that has to be there; null when all is signed. */
async function unsignedIn(
  { tenant, checkpoints }: Manifest,
  { server, known, keys }: Expected,
): Promise<number | null> {
  if (keys.length === 0) return null;
  const trusted = (await Promise.all(keys.map(parseKey))).filter((key) => key !== null);
  let before: Proof | null = null;
  for (const { n, hash, proof: text } of checkpoints) {
    const proof: Proof | null = await parseProof(text);
    const isThis = proof?.tenant === tenant && proof.n === n && proof.hash === hash;
    const follows = !before || proof?.previous === hexOf(before.leaf);
    if (!isThis || !follows || !(await signedByAny(trusted, proof))) return n;
    before = proof;
  }
  // What was signed once stays signed.
  const stated = Math.max(server.checkpoint?.n ?? 0, known?.signed ?? 0);
  return (before?.n ?? 0) < stated ? stated : null;
}

async function signedByAny(keys: LogKey[], proof: Proof): Promise<boolean> {
  const answers = await Promise.all(keys.map((key) => signedBy(key, proof)));
  return answers.includes(true);
}

/** What a link contradicts of all that somebody vouches for. */
function contradictions({ checkpoints }: Manifest, { server, known }: Expected): (link: Head) => Fault | null {
  const signed = new Map(checkpoints.map(({ n, hash }) => [n, hash]));
  const differs = (link: Head, vouched: Head | null) => vouched?.n === link.n && vouched.hash !== link.hash;
  return (link) => {
    if ((signed.get(link.n) ?? link.hash) !== link.hash) return 'signed';
    if (differs(link, known)) return 'earlier';
    return differs(link, server) ? 'head' : null;
  };
}

function parse<T>(line: string | undefined): T | null {
  try {
    return JSON.parse(line ?? '') as T;
  } catch {
    return null;
  }
}

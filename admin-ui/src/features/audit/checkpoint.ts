import { fromBase64, hexOf, sha256, utf8, type Bytes } from './bytes';

/** The key of the log: signs how far every chain has come. */
export interface LogKey {
  /** Also the origin of what it signs. */
  name: string;
  /** In hexadecimal. */
  id: string;
  key: CryptoKey;
}

/** A statement of how far a chain had come, and what shows that the log holds it. Believed only once `signedBy` says so. */
export interface Proof {
  tenant: string;
  n: number;
  hash: string;
  /** The `leaf` of the tenant's statement before this one, in hexadecimal. */
  previous: string;
  /** The statement's hash in the log. */
  leaf: Bytes;
  /** Its place in the log, from 0. */
  index: number;
  /** From its sibling up. */
  path: Bytes[];
  /** The log as it was signed. */
  note: string;
}

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/** ECDSA keys in a verifier key of C2SP. */
const KIND = 2;
const ID = 4;

// Each has one spelling: numbers without leading zeros, hashes in small letters.
const KEY = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/;
const PROOF = /^c2sp\.org\/tlog-proof@v1\nextra (\S+)\nindex (0|[1-9]\d*)\n((?:\S+\n)*)\n([^]+)$/;
const STATEMENT =
  /^keystead-audit-checkpoint-v1\n(tnt_[0-9a-f]{32})\n(0|[1-9]\d*)\n([0-9a-f]{64})\n\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\n([0-9a-f]{64})\n$/;
const TREE = /^([^\n]+)\n(0|[1-9]\d*)\n(\S+)\n/;

/** Reads a verifier key of C2SP (c2sp.org/signed-note): name, key id, and base64 of the kind and the public key. */
export async function parseKey(text: string): Promise<LogKey | null> {
  const [, name, id, encoded] = KEY.exec(text.trim()) ?? [];
  const typed = fromBase64(encoded ?? '');
  if (!name || !id || typed?.[0] !== KIND) return null;
  const spki = typed.slice(1);
  if (hexOf((await sha256(spki)).slice(0, ID)) !== id) return null;
  const key = await crypto.subtle.importKey('spki', spki, ECDSA, false, ['verify']).catch(() => null);
  return key && { name, id, key };
}

/** Reads a proof of C2SP (c2sp.org/tlog-proof) whose extra data is the statement. */
export async function parseProof(text: string): Promise<Proof | null> {
  const [, extra = '', index, nodes = '', note = ''] = PROOF.exec(text) ?? [];
  const statement = fromBase64(extra);
  const path = nodes.split('\n').slice(0, -1).map(nodeOf);
  if (!statement || !path.every((node) => node !== null)) return null;
  // What is not UTF-8 becomes a letter that no statement has.
  const [, tenant, n, hash, previous] =
    STATEMENT.exec(new TextDecoder('utf-8', { ignoreBOM: true }).decode(statement)) ?? [];
  if (!tenant || !hash || !previous) return null;
  const leaf = await sha256(new Uint8Array([0]), statement);
  return { tenant, n: Number(n), hash, previous, leaf, index: Number(index), path, note };
}

/** Did the log with this key hold the statement when it signed? */
export async function signedBy(key: LogKey, proof: Proof): Promise<boolean> {
  const tree = await opened(key, proof.note);
  const root = tree && (await rootOfPath(proof, tree.size));
  return root !== null && hexOf(root) === tree?.root;
}

function nodeOf(line: string): Bytes | null {
  const node = fromBase64(line);
  return node?.length === 32 ? node : null;
}

/** How the log stood when it signed this note (c2sp.org/tlog-checkpoint); null unless this key signed it. */
async function opened({ name, id, key }: LogKey, note: string): Promise<{ size: number; root: string } | null> {
  const end = note.lastIndexOf('\n\n') + 1;
  const text = note.slice(0, end);
  const signature = signatureIn(note.slice(end + 1), name, id);
  if (!signature || !(await crypto.subtle.verify(ECDSA, key, signature, utf8.encode(text)))) return null;
  const [, origin, size, encoded] = TREE.exec(text) ?? [];
  const root = nodeOf(encoded ?? '');
  return origin === name && root ? { size: Number(size), root: hexOf(root) } : null;
}

/** The signature of a key among a note's; others may have signed as well. */
function signatureIn(lines: string, name: string, id: string): Bytes | null {
  if (!lines.endsWith('\n')) return null;
  const start = `\u2014 ${name} `;
  const signatures = lines.split('\n').map((line) => line.startsWith(start) && fromBase64(line.slice(start.length)));
  const mine = signatures.find((signature) => signature && hexOf(signature.slice(0, ID)) === id);
  return mine ? rawSignature(mine.slice(ID)) : null;
}

/** A signature in DER as WebCrypto wants it: r and s of 32 bytes each. Null unless it is written the one way DER allows. */
export function rawSignature(der: Bytes): Bytes | null {
  const r = integerAt(der, 2);
  const s = r && integerAt(der, r.end);
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || !s || s.end !== der.length) return null;
  const raw = new Uint8Array(64);
  raw.set(r.digits, 32 - r.digits.length);
  raw.set(s.digits, 64 - s.digits.length);
  return raw;
}

/** A positive integer of at most 32 bytes: a zero stands before it exactly where it would look negative. */
function integerAt(der: Bytes, at: number): { digits: Bytes; end: number } | null {
  const [tag, length = 0] = der.subarray(at, at + 2);
  const end = at + 2 + length;
  const written = der.slice(at + 2, end);
  const [first = 0x80, second = 0] = written;
  if (tag !== 0x02 || end > der.length || first >= 0x80 || (first === 0 && second < 0x80)) return null;
  const digits = first === 0 ? written.slice(1) : written;
  return digits.length > 32 ? null : { digits, end };
}

/** The root to which a path leads; null when the path does not fit the place (RFC 9162, 2.1.3.2). */
async function rootOfPath({ leaf, index, path }: Proof, size: number): Promise<Bytes | null> {
  // Above this, numbers lose their last digit.
  if (index >= size || !Number.isSafeInteger(size)) return null;
  let [position, last, node] = [index, size - 1, leaf];
  const up = () => ([position, last] = [Math.floor(position / 2), Math.floor(last / 2)]);
  for (const sibling of path) {
    if (last === 0) return null;
    if (position % 2 === 1 || position === last) {
      node = await parent(sibling, node);
      while (position % 2 === 0 && position !== 0) up();
    } else {
      node = await parent(node, sibling);
    }
    up();
  }
  return last === 0 ? node : null;
}

const parent = (left: Bytes, right: Bytes) => sha256(new Uint8Array([1]), left, right);

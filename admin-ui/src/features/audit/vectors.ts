import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// What `keystead audit verify` is tried on as well.
const read = (name: string) =>
  readFileSync(join(import.meta.dirname, '../../../../tenants/audit/vectors', name), 'utf8');

/** The export of twelve events with three checkpoints, signed by `key`. */
export const signedExport = read('signed.ndjson');
export const key = read('signed.key').trim();

export interface SignedManifest {
  tenant: string;
  count: number;
  head: string;
  checkpoints: { n: number; hash: string; proof: string }[];
}

export const manifest = JSON.parse(signedExport.split('\n')[0]!) as SignedManifest;

/** The export with its manifest changed. */
export function withManifest(change: (manifest: SignedManifest) => void): string {
  const changed = structuredClone(manifest);
  change(changed);
  return [JSON.stringify(changed), ...signedExport.split('\n').slice(1)].join('\n');
}

/** Another key under the same name. */
export async function otherKey(): Promise<{ text: string }> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const spki = Buffer.from(await crypto.subtle.exportKey('spki', pair.publicKey));
  const id = Buffer.from(await crypto.subtle.digest('SHA-256', spki)).subarray(0, 4);
  const typed = Buffer.concat([Buffer.of(2), spki]);
  return { text: `${key.split('+')[0]}+${id.toString('hex')}+${typed.toString('base64')}` };
}

import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseKey, parseProof, rawSignature, signedBy, type Proof } from './checkpoint';
import { key, manifest, otherKey } from './vectors';

const proofs = manifest.checkpoints.map(({ proof }) => proof);
const good = proofs[1]!;
const keyed = async (text = key) => (await parseKey(text))!;

/** Is this a proof that the key signed? */
async function holds(text: string): Promise<boolean> {
  const proof = await parseProof(text);
  return proof !== null && signedBy(await keyed(), proof);
}

describe('a proof', () => {
  it('of the log holds, and says what the export says', async () => {
    for (const { n, hash, proof } of manifest.checkpoints) {
      expect(await holds(proof)).toBe(true);
      expect(await parseProof(proof)).toMatchObject({ n, hash, tenant: manifest.tenant });
    }
  });

  it('does not hold with any byte changed', async () => {
    const bytes = Buffer.from(good);
    const unnoticed: string[] = [];
    for (let place = 0; place < bytes.length; place += 1)
      for (const change of [1, 2, 32]) {
        const changed = Buffer.from(bytes);
        changed[place]! ^= change;
        if (await holds(changed.toString())) unnoticed.push(`byte ${place} ^ ${change}`);
      }
    expect(unnoticed).toEqual([]);
  });

  it('does not hold with any byte left out or doubled', async () => {
    const unnoticed: number[] = [];
    for (let place = 0; place < good.length; place += 1) {
      const [before, after] = [good.slice(0, place), good.slice(place)];
      if ((await holds(before + after.slice(1))) || (await holds(before + after[0]! + after))) unnoticed.push(place);
    }
    expect(unnoticed).toEqual([]);
  });

  it('does not hold under the note of another time', async () => {
    const [head] = good.split('\n\n');
    const note = proofs[2]!.slice(proofs[2]!.indexOf('\n\n'));
    expect(await holds(head! + note)).toBe(false);
  });

  it('does not hold with another key, or with its signature under the id of ours', async () => {
    const other = await otherKey();
    expect(await signedBy(await keyed(other.text), (await parseProof(good))!)).toBe(false);
    const forger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const [name, id] = key.split('+');
    const text = good.slice(good.indexOf('\n\n') + 2, good.lastIndexOf('\n\n') + 1);
    const signature = Buffer.concat([Buffer.from(id!, 'hex'), sign('sha256', Buffer.from(text), forger.privateKey)]);
    const head = good.slice(0, good.lastIndexOf('\n\n') + 2);
    expect(await holds(`${head}\u2014 ${name} ${signature.toString('base64')}\n`)).toBe(false);
  });

  it('holds beside signatures of others', async () => {
    const head = good.slice(0, good.lastIndexOf('\n\n') + 2);
    const witness = `\u2014 witness.example ${Buffer.alloc(68, 7).toString('base64')}\n`;
    expect(await holds(head + witness + good.slice(head.length))).toBe(true);
  });
});

describe('a path', () => {
  const sha = (kind: number, ...parts: Uint8Array[]) =>
    parts.reduce((hash, part) => hash.update(part), createHash('sha256').update(Buffer.of(kind))).digest();

  /** RFC 6962, 2.1 and 2.1.1, word by word: the root of some leaves, and the path of one of them. */
  function tree(leaves: Buffer[], index = 0): { root: Buffer; path: Buffer[] } {
    if (leaves.length === 1) return { root: leaves[0]!, path: [] };
    const middle = 2 ** Math.floor(Math.log2(leaves.length - 1));
    const left = tree(leaves.slice(0, middle), index < middle ? index : 0);
    const right = tree(leaves.slice(middle), index < middle ? 0 : index - middle);
    const [mine, theirs] = index < middle ? [left, right] : [right, left];
    return { root: sha(1, left.root, right.root), path: [...mine.path, theirs.root] };
  }

  const forger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = forger.publicKey.export({ type: 'spki', format: 'der' });
  const id = createHash('sha256').update(spki).digest().subarray(0, 4);
  const own = `log+${id.toString('hex')}+${Buffer.concat([Buffer.of(2), spki]).toString('base64')}`;

  function note(size: number, root: Buffer): string {
    const text = `log\n${size}\n${root.toString('base64')}\n`;
    const signature = Buffer.concat([id, sign('sha256', Buffer.from(text), forger.privateKey)]);
    return `${text}\n\u2014 log ${signature.toString('base64')}\n`;
  }

  it('leads from its own place to the root of a tree of any size, and from no other', async () => {
    const known = await keyed(own);
    for (let size = 1; size <= 9; size += 1) {
      const leaves = Array.from({ length: size }, (_, place) => sha(0, Buffer.of(place)));
      const signed = note(size, tree(leaves).root);
      for (let index = 0; index < size; index += 1) {
        const leaf = new Uint8Array(leaves[index]!);
        const path = tree(leaves, index).path.map((node) => new Uint8Array(node));
        const proof = { ...(await parseProof(good))!, leaf, path, note: signed } satisfies Proof;
        for (let claimed = 0; claimed <= size; claimed += 1)
          expect(await signedBy(known, { ...proof, index: claimed }), `${index} as ${claimed} of ${size}`).toBe(
            claimed === index,
          );
        expect(await signedBy(known, { ...proof, index, path: [...path, leaf] })).toBe(false);
        if (path.length > 0) expect(await signedBy(known, { ...proof, index, path: path.slice(1) })).toBe(false);
      }
    }
  });
});

describe('a key', () => {
  it('is read as it is written, also from a file', async () => {
    expect(await parseKey(`${key}\n`)).toMatchObject({ name: 'keystead.test/audit/main', id: 'a8f71610' });
  });

  it('of another form is none', async () => {
    const [name = '', id = ''] = key.split('+');
    const encoded = key.slice(`${name}+${id}+`.length);
    const damaged = [
      '',
      name,
      `${name}+${id}`,
      `${name}+${id}+`,
      `+${id}+${encoded}`,
      `two words+${id}+${encoded}`,
      `${name}+00000000+${encoded}`,
      key.slice(0, -4),
      `${name}+${id}+B${encoded.slice(1)}`,
    ];
    for (const text of damaged) expect(await parseKey(text), text).toBeNull();
    // Right id, and no point of the curve.
    const spki = Buffer.from(encoded, 'base64').subarray(1);
    const nowhere = Buffer.from(spki);
    nowhere[nowhere.length - 1]! ^= 1;
    expect(() => createPublicKey({ key: spki, format: 'der', type: 'spki' })).not.toThrow();
    const hex = createHash('sha256').update(nowhere).digest('hex').slice(0, 8);
    const text = `${name}+${hex}+${Buffer.concat([Buffer.of(2), nowhere]).toString('base64')}`;
    expect(await parseKey(text)).toBeNull();
  });
});

describe('a signature in DER', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const text = Buffer.from('how far');

  it('becomes r and s, whatever their length', () => {
    for (let round = 0; round < 300; round += 1) {
      const raw = rawSignature(new Uint8Array(sign('sha256', text, privateKey)));
      expect(raw).toHaveLength(64);
      expect(verify('sha256', text, { key: publicKey, dsaEncoding: 'ieee-p1363' }, raw!)).toBe(true);
    }
    const short = rawSignature(new Uint8Array([0x30, 7, 2, 1, 5, 2, 2, 0, 0x80]))!;
    expect([short[31], short[63], short.filter(Boolean).length]).toEqual([5, 0x80, 2]);
  });

  it('that is written in another way is refused', () => {
    const malformed = {
      empty: [],
      'another type': [0x31, 6, 2, 1, 5, 2, 1, 7],
      'a wrong length': [0x30, 7, 2, 1, 5, 2, 1, 7],
      'a long length': [0x30, 0x81, 6, 2, 1, 5, 2, 1, 7],
      'one integer': [0x30, 3, 2, 1, 5],
      'three integers': [0x30, 9, 2, 1, 5, 2, 1, 7, 2, 1, 9],
      'no integers': [0x30, 6, 4, 1, 5, 4, 1, 7],
      'an empty integer': [0x30, 5, 2, 0, 2, 1, 7],
      'a negative one': [0x30, 6, 2, 1, 0x85, 2, 1, 7],
      'a needless zero': [0x30, 7, 2, 2, 0, 5, 2, 1, 7],
      zero: [0x30, 6, 2, 1, 0, 2, 1, 7],
      'an end too early': [0x30, 6, 2, 1, 5, 2, 2, 7],
      'more than 32 bytes': [0x30, 38, 2, 33, ...Array.from({ length: 33 }, () => 1), 2, 1, 7],
    };
    for (const [what, bytes] of Object.entries(malformed)) expect(rawSignature(new Uint8Array(bytes)), what).toBeNull();
  });
});

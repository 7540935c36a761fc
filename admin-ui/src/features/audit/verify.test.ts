import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { key, manifest as signedManifest, otherKey, signedExport, withManifest } from './vectors';
import { verifyExport, type Expected, type Head } from './verify';

const TENANT = '0197f0a1b2c37d4e8f90a1b2c3d4e5f6';
const sha = (...parts: (string | Buffer)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** A trail as the server writes it, made independently with Node's crypto. */
function trail(leaves: string[], owner = TENANT) {
  const tenant = Buffer.from(owner, 'hex');
  let hash = sha('keystead-audit-v1', '\0', tenant);
  const prev = hash.toString('hex');
  const events = leaves.map((leaf, index) => {
    const n = Buffer.alloc(8);
    n.writeBigUInt64BE(BigInt(index + 1));
    hash = sha('keystead-audit-v1', tenant, n, hash, sha(leaf));
    return { n: index + 1, leaf, hash: hash.toString('hex') };
  });
  const head = hash.toString('hex');
  const count = events.length;
  const manifest = {
    format: 'keystead-audit-v1',
    tenant: `tnt_${owner}`,
    from: 1,
    count,
    prev,
    head,
    checkpoints: [],
  };
  return { manifest, events };
}

const good = () => trail(['{"action":"a"}', '{"action":"ü"}', '{"action":"c"}']);
type Trail = ReturnType<typeof good>;

function judged(text: string, expected: Expected) {
  const bytes = new TextEncoder().encode(text);
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      // In pieces that break lines and letters.
      for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.slice(at, at + 7));
      controller.close();
    },
  });
  return verifyExport(stream, expected, () => undefined);
}

function verdict({ manifest, events }: Trail, more: { server?: Head; known?: Head } = {}) {
  const text = [manifest, ...events].map((line) => `${JSON.stringify(line)}\n`).join('');
  const { n, hash } = events.at(-1)!;
  const server = { ...(more.server ?? { n, hash }), checkpoint: null };
  return judged(text, { server, known: more.known ? { ...more.known, signed: null } : null, keys: [] });
}

it('accepts a whole chain', async () => {
  const whole = good();
  expect(await verdict(whole)).toEqual({ ok: true, head: { n: 3, hash: whole.manifest.head }, signed: null });
});

it('finds an edited event', async () => {
  const edited = good();
  edited.events[1]!.leaf = '{"action":"b"}';
  expect(await verdict(edited)).toEqual({ ok: false, n: 2, fault: 'edited' });
});

it('finds a deleted event', async () => {
  const gap = good();
  gap.events.splice(1, 1);
  expect(await verdict(gap)).toEqual({ ok: false, n: 2, fault: 'gap' });
});

it('finds a missing end, although the manifest was shortened with it', async () => {
  const whole = good();
  const short = trail(['{"action":"a"}', '{"action":"ü"}']);
  expect(await verdict(short, { server: { n: 3, hash: whole.manifest.head } })).toMatchObject({ fault: 'truncated' });
});

it('finds a history that was rewritten since it was verified', async () => {
  const whole = good();
  const known = { n: 2, hash: whole.events[1]!.hash };
  const forged = trail(['{"action":"a"}', '{"action":"forged"}', '{"action":"c"}']);
  expect(await verdict(whole, { known })).toMatchObject({ ok: true });
  expect(await verdict(forged, { known })).toEqual({ ok: false, n: 2, fault: 'earlier' });
});

it("finds another tenant's beginning", async () => {
  const moved = good();
  moved.manifest.tenant = `tnt_${TENANT.replace('0197', '0198')}`;
  expect(await verdict(moved)).toEqual({ ok: false, n: 0, fault: 'start' });
});

describe('an export with checkpoints', () => {
  const server = { n: 12, hash: signedManifest.head, checkpoint: signedManifest.checkpoints[2]! };
  const expected: Expected = { server, known: null, keys: [key] };
  const unsigned = (n: number) => ({ ok: false, n, fault: 'unsigned' });

  it('is good with the key that signed them, and says how far', async () => {
    expect(await judged(signedExport, expected)).toEqual({
      ok: true,
      head: { n: 12, hash: signedManifest.head },
      signed: 12,
    });
  });

  it('is good with the key of before beside the present one, and of nobody who has none', async () => {
    const { text } = await otherKey();
    expect(await judged(signedExport, { ...expected, keys: [key, text] })).toMatchObject({ ok: true, signed: 12 });
    expect(await judged(signedExport, { ...expected, keys: [] })).toMatchObject({ ok: true, signed: null });
  });

  it('is refused with another key, or one that cannot be read', async () => {
    for (const other of [(await otherKey()).text, 'none'])
      expect(await judged(signedExport, { ...expected, keys: [other] })).toEqual(unsigned(4));
  });

  it('is refused where one between is missing, and good where the first are', async () => {
    const gap = withManifest(({ checkpoints }) => checkpoints.splice(1, 1));
    expect(await judged(gap, expected)).toEqual(unsigned(12));
    const newest = withManifest(({ checkpoints }) => checkpoints.splice(0, 2));
    expect(await judged(newest, expected)).toMatchObject({ ok: true, signed: 12 });
  });

  it('is refused where the last is missing that was stated, now or when it was verified before', async () => {
    const short = withManifest(({ checkpoints }) => checkpoints.splice(2));
    const none = withManifest(({ checkpoints }) => checkpoints.splice(0));
    for (const text of [short, none]) expect(await judged(text, expected)).toEqual(unsigned(12));
    const unstated = { ...expected, server: { ...server, checkpoint: null } };
    expect(await judged(none, unstated)).toMatchObject({ ok: true, signed: null });
    const known = { n: 8, hash: signedManifest.checkpoints[1]!.hash, signed: 8 };
    expect(await judged(none, { ...unstated, known })).toEqual(unsigned(8));
    expect(await judged(short, { ...unstated, known })).toMatchObject({ ok: true, signed: 8 });
  });

  it('is refused where one is of another moment, event, or tenant than it says', async () => {
    const swapped = withManifest(({ checkpoints }) => (checkpoints[0]!.proof = checkpoints[1]!.proof));
    expect(await judged(swapped, expected)).toEqual(unsigned(4));
    const moved = withManifest(({ checkpoints }) => (checkpoints[1]!.n = 7));
    expect(await judged(moved, expected)).toEqual(unsigned(7));
    const relabelled = withManifest(({ checkpoints }) => (checkpoints[1]!.hash = signedManifest.head));
    expect(await judged(relabelled, expected)).toEqual(unsigned(8));
    const without = withManifest(({ checkpoints }) => (checkpoints[2]!.proof = ''));
    expect(await judged(without, expected)).toEqual(unsigned(12));
    const stranger = trail(['{"action":"a"}'], '7'.repeat(32));
    const claiming = { ...stranger.manifest, checkpoints: signedManifest.checkpoints.slice(0, 1) };
    const theirs = [claiming, ...stranger.events].map((line) => JSON.stringify(line)).join('\n');
    expect(await judged(theirs, expected)).toEqual(unsigned(4));
  });

  it('is refused where the chain contradicts what was signed', async () => {
    const leaves = signedExport
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => (JSON.parse(line) as { leaf: string }).leaf);
    const rewritten = trail(leaves.map((leaf, place) => (place === 5 ? leaf.replace('submitted', 'cancelled') : leaf)));
    const honest = { ...rewritten.manifest, checkpoints: signedManifest.checkpoints };
    const text = [honest, ...rewritten.events].map((line) => JSON.stringify(line)).join('\n');
    const forged = { ...expected, server: { ...server, hash: rewritten.manifest.head } };
    expect(await judged(text, forged)).toEqual({ ok: false, n: 8, fault: 'signed' });
    // Also for whoever has no key.
    expect(await judged(text, { ...forged, keys: [] })).toEqual({ ok: false, n: 8, fault: 'signed' });
  });

  it('is refused where it ends before what was signed', async () => {
    const cut = signedExport.split('\n').slice(1, 9);
    const { hash } = JSON.parse(cut.at(-1)!) as Head;
    const shortened = withManifest((manifest) => Object.assign(manifest, { count: 8, head: hash })).split('\n')[0]!;
    const text = [shortened, ...cut].join('\n');
    const eight = { ...expected, server: { n: 8, hash, checkpoint: null } };
    expect(await judged(text, eight)).toEqual({ ok: false, n: 8, fault: 'truncated' });
  });

  it('is malformed where they are in disorder or none are listed', async () => {
    const malformed = { ok: false, n: 0, fault: 'malformed' };
    const disorder = withManifest(({ checkpoints }) => checkpoints.reverse());
    const doubled = withManifest(({ checkpoints }) => checkpoints.push(checkpoints[2]!));
    const unlisted = withManifest((manifest) => Reflect.deleteProperty(manifest, 'checkpoints'));
    for (const text of [disorder, doubled, unlisted]) expect(await judged(text, expected)).toEqual(malformed);
  });
});

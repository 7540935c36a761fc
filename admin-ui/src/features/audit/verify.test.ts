import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { verifyExport, type Head } from './verify';

const TENANT = '0197f0a1b2c37d4e8f90a1b2c3d4e5f6';
const sha = (...parts: (string | Buffer)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** A trail as the server writes it, made independently with Node's crypto. */
function trail(leaves: string[]) {
  const tenant = Buffer.from(TENANT, 'hex');
  let hash = sha('keystead-audit-v1', '\0', tenant);
  const prev = hash.toString('hex');
  const events = leaves.map((leaf, index) => {
    const n = Buffer.alloc(8);
    n.writeBigUInt64BE(BigInt(index + 1));
    hash = sha('keystead-audit-v1', tenant, n, hash, sha(leaf));
    return { n: index + 1, leaf, hash: hash.toString('hex') };
  });
  const head = hash.toString('hex');
  const manifest = { format: 'keystead-audit-v1', tenant: `tnt_${TENANT}`, from: 1, count: events.length, prev, head };
  return { manifest, events };
}

const good = () => trail(['{"action":"a"}', '{"action":"ü"}', '{"action":"c"}']);
type Trail = ReturnType<typeof good>;

function verdict({ manifest, events }: Trail, more: { server?: Head; known?: Head } = {}) {
  const text = [manifest, ...events].map((line) => `${JSON.stringify(line)}\n`).join('');
  const bytes = new TextEncoder().encode(text);
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      // In pieces that break lines and letters.
      for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.slice(at, at + 7));
      controller.close();
    },
  });
  const last = events.at(-1)!;
  return verifyExport(stream, more.server ?? { n: last.n, hash: last.hash }, more.known ?? null, () => undefined);
}

it('accepts a whole chain', async () => {
  const whole = good();
  expect(await verdict(whole)).toEqual({ ok: true, head: { n: 3, hash: whole.manifest.head } });
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

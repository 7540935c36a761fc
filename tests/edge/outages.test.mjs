// What a partition between edge and cell costs, and what it does not: nobody comes in who should not, nobody waits without end.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, test } from "node:test";
import { ask, each } from "./harness/client.mjs";
import { Cell } from "./harness/cell.mjs";
import { id, token } from "./harness/keys.mjs";
import { atMost, deep, exactly, note } from "./harness/proof.mjs";
import { startWorker } from "./harness/worker.mjs";

let cell, worker, acme;
before(async () => {
  cell = await new Cell().start();
  acme = cell.tenant("acme");
  worker = await startWorker(cell, { pops: 2 });
});
after(async () => {
  await worker.stop();
  await cell.stop();
});
const bearer = (more = {}) => token(cell.tokenKeys[0], { issuer: cell.issuer, tenant: acme.id, ...more });
const until = async (wanted, limit, attempt) => {
  const start = Date.now();
  let answer;
  do {
    answer = await attempt();
    if (answer.status === wanted) return Date.now() - start;
    await sleep(5);
  } while (Date.now() - start < limit);
  return Infinity;
};

test("a revoked session is denied by every location within five seconds", async () => {
  const latencies = [];
  await each(Array.from({ length: deep ? 100 : 12 }), deep ? 10 : 6, async (_, index) => {
    const session = id("ses");
    const value = bearer({ session });
    for (const pop of worker.pops) assert.equal((await ask(pop, { token: value })).status, 200);
    await sleep((index * 137) % 700);
    cell.revoked.push([session, Date.now()]);
    const each = await Promise.all(worker.pops.map((pop) => until(401, 10_000, () => ask(pop, { token: value }))));
    latencies.push(...each);
  });
  latencies.sort((a, b) => a - b);
  note("edge", "worker-revocation-p50-ms", latencies[Math.floor(latencies.length / 2)]);
  atMost("edge", "worker-revocation-p99-ms", latencies[Math.ceil(latencies.length * 0.99) - 1], 5_000);
  const others = await ask(worker, { token: bearer() });
  assert.equal(others.status, 200);
});

test("while the cell publishes no keys, the known ones are good and unknown ones are not", async () => {
  cell.broken.add("keys");
  const known = await Promise.all(worker.pops.map((pop) => ask(pop, { token: bearer() })));
  assert.deepEqual(known.map(({ status }) => status), [200, 200]);
  const unknown = token({ ...cell.tokenKeys[0], kid: "t9" }, { issuer: cell.issuer, tenant: acme.id });
  assert.equal((await ask(worker, { token: unknown })).status, 401);
  cell.broken.delete("keys");
});

test("a location that starts while the cell publishes no keys takes them from KV, if they were published", async () => {
  const kv = await worker.mf.getKVNamespace("EDGE_KV", "pop-0");
  assert.equal(await kv.get("directory"), null);
  const scheduled = await (await worker.mf.getWorker("pop-0")).scheduled({ cron: "* * * * *" });
  assert.equal(scheduled.outcome, "ok");
  assert.equal((await kv.get("directory")).split(".").length, 3);
  assert.equal(JSON.parse(await kv.get("keys/main")).keys.length, 2);
});

test("a cell that refuses or does not answer is a 503 within bounds, and nothing waits for ever", async () => {
  cell.broken.add("silent");
  const start = Date.now();
  const value = bearer();
  // A location that knows everything sends the request; the cell's silence is what it waits for.
  const answers = await Promise.all([...worker.pops, ...worker.pops].map((pop) => ask(pop, { token: value })));
  const took = Date.now() - start;
  assert.ok(answers.every(({ status }) => status === 503), answers.map(({ status }) => status).join());
  assert.ok(answers.every(({ headers }) => Number(headers["retry-after"]) >= 1));
  atMost("edge", "worker-silence-ms", took, 45_000);
  cell.broken.delete("silent");
  atMost("edge", "worker-recovery-ms", await until(200, 15_000, () => ask(worker, { token: value })), 10_000);
});

test("a cell that is gone is a 503 at once, and is found again when it is back", async () => {
  const { port } = cell;
  await cell.stop();
  const wrong = [];
  const start = Date.now();
  for (let turn = 0; turn < 20; turn++) {
    const { status } = await ask(worker, { token: bearer() });
    if (status !== 503 && status !== 401) wrong.push(status);
  }
  note("edge", "worker-cell-gone-ms", (Date.now() - start) / 20);
  exactly("edge", "worker-let-in-without-a-cell", wrong.length, 0);
  await cell.start(port);
  atMost("edge", "worker-recovery-after-a-restart-ms", await until(200, 15_000, () => ask(worker, { token: bearer() })), 10_000);
});

// T17: who is let in and how exactly, by one location and by several, when the counter is lost and when it does not answer.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { after, before, test } from "node:test";
import { ask, each } from "./harness/client.mjs";
import { Cell } from "./harness/cell.mjs";
import { Reference } from "./harness/gcra.mjs";
import { id, token } from "./harness/keys.mjs";
import { atMost, deep, exactly, note } from "./harness/proof.mjs";
import { startWorker, temporary } from "./harness/worker.mjs";

const PER_SUBJECT = { limit: 100, window: 60 };
const PER_TENANT = { limit: 600, window: 60 };
let cell, worker, persist;
const started = async (more = {}) => startWorker(cell, { persist, ...more });
before(async () => {
  cell = await new Cell().start();
  cell.plans.small = { per_tenant: PER_TENANT, per_subject: PER_SUBJECT };
  for (const slug of ["acme", "wide", "held", "auth", "head"]) cell.tenant(slug, { plan: "small" });
  persist = temporary("limits");
  worker = await started({ pops: 3 });
});
after(async () => {
  await worker.stop();
  await cell.stop();
  rmSync(persist, { recursive: true });
});
const tenant = (slug) => cell.tenants.find((tenant) => tenant.slug === slug);
const bearer = (slug, member) => token(cell.tokenKeys[0], { issuer: cell.issuer, tenant: tenant(slug).id, member });

// Sends `count` requests, `width` at a time, over the places; how many came in, and when each was sent and answered.
async function burst(places, slug, tokens, count, width) {
  const answers = [];
  await each(Array.from({ length: count }), width, async (_, index) => {
    const place = places[index % places.length];
    const sent = Date.now();
    const { status, headers } = await ask(place, { host: `${slug}.keystead.example`, token: tokens[index % tokens.length] });
    answers.push({ status, sent, answered: Date.now(), retry: headers["retry-after"] });
  });
  return answers;
}

const admitted = (answers) => answers.filter(({ status }) => status === 200).length;
const exact = (times, quota) => {
  const limiter = new Reference(quota);
  return times.sort((a, b) => a - b).filter((time) => limiter.take(time)).length;
};

// How many more came in than an exact limiter admits, and how many fewer. Each request was decided at some moment between
// its sending and its answer, and what a quota admits of more than it can hold is a matter of the first and the last moment:
// at most if the first was decided when it was sent and all others when they were answered, and at least the other way round.
function off(answers, quota) {
  const bySending = answers.toSorted((a, b) => a.sent - b.sent);
  const most = exact(bySending.map(({ sent, answered }, index) => (index ? answered : sent)), quota);
  const begun = Math.min(...answers.map(({ answered }) => answered));
  const least = exact(bySending.map(({ sent }) => Math.max(sent, begun)), quota);
  const came = admitted(answers);
  return { over: Math.max(0, came - most), under: Math.max(0, least - came) };
}

test("G16: of a burst, exactly the quota of one member comes in", async () => {
  const answers = await burst([worker], "acme", [bearer("acme", id("mem"))], deep ? 10_000 : 1_500, 64);
  assert.deepEqual([...new Set(answers.map(({ status }) => status))].sort(), [200, 429]);
  assert.ok(answers.filter(({ status }) => status === 429).every(({ retry }) => Number(retry) >= 1));
  const { over, under } = off(answers, PER_SUBJECT);
  note("T17", "worker-admitted-of-a-burst", admitted(answers));
  atMost("T17", "worker-off-the-reference", Math.max(over, under), 1);
  exactly("T17", "worker-reached-the-cell", cell.requests.length - admitted(answers), 0);
});

test("a tenant's quota holds over three locations and many members", async () => {
  const members = Array.from({ length: 12 }, () => bearer("wide", id("mem")));
  const answers = await burst(worker.pops, "wide", members, deep ? 6_000 : 1_800, 48);
  const { over, under } = off(answers, PER_TENANT);
  note("T17", "worker-admitted-by-three-locations", admitted(answers));
  atMost("T17", "worker-over-admission-percent", (100 * over) / PER_TENANT.limit, 1);
  atMost("T17", "worker-under-admission-percent", (100 * under) / PER_TENANT.limit, 1);
});

test("callers are told their limit, what is left and how long to wait", async () => {
  const value = bearer("head", id("mem"));
  const exact = new Reference(PER_SUBJECT);
  for (let turn = 1; turn <= 5; turn++) {
    const sent = Date.now();
    const { headers } = await ask(worker, { host: "head.keystead.example", token: value });
    assert.equal(headers["ratelimit-policy"], '"user";q=100;w=60');
    const [, remaining, reset] = headers.ratelimit.match(/^"user";r=(\d+);t=(\d+)$/);
    exact.take(sent);
    // Time passes between here and there, and gives a little back.
    const back = Math.ceil((Date.now() - sent) / 600) + 1;
    assert.ok(Math.abs(Number(remaining) - exact.remaining(sent)) <= back, `${remaining}, not ${exact.remaining(sent)}`);
    assert.ok(Number(reset) >= 0 && Number(reset) <= 60);
  }
});

test("a counter that dies with its machine counts on where it stopped", async () => {
  const value = bearer("held", id("mem"));
  const first = await burst([worker], "held", [value], 90, 16);
  assert.equal(admitted(first), 90);
  await worker.stop();
  worker = await started({ pops: 3 });
  const second = await burst([worker], "held", [value], 300, 16);
  const { over } = off([...first, ...second], PER_SUBJECT);
  atMost("T17", "worker-over-admission-after-loss-percent", (100 * over) / PER_SUBJECT.limit, 1);
});

test("without its counter a member gets the tighter local limit, and nobody may log in", async () => {
  const lost = await startWorker(cell, { counter: "gone", config: { shield: { alone: { limit: 50, window: 60 } } } });
  try {
    const answers = await burst([lost], "auth", [bearer("auth", id("mem"))], 200, 8);
    const { over, under } = off(answers, { limit: 50, window: 60 });
    atMost("T17", "worker-alone-off-the-reference", Math.max(over, under), 1);
    const before = cell.requests.length;
    const login = { host: "auth.keystead.example", method: "POST", path: "/v1/auth/login", headers: { "content-type": "application/json", "content-length": "2" }, body: "{}" };
    assert.equal((await ask(lost, login)).status, 503);
    exactly("T17", "worker-logins-without-a-counter", cell.requests.length - before, 0);
  } finally {
    await lost.stop();
  }
});

test("Cloudflare's own limiter is the first shield for those without a token", async () => {
  const shielded = await startWorker(cell, { shield: 20 });
  try {
    const answers = [];
    for (let turn = 0; turn < 60; turn++) answers.push((await ask(shielded, { host: "auth.keystead.example" })).status);
    const through = answers.filter((status) => status === 401).length;
    assert.ok(answers.every((status) => [401, 429].includes(status)));
    atMost("T17", "worker-shield-over-admission-percent", (100 * Math.max(0, through - 20)) / 20, 10);
  } finally {
    await shielded.stop();
  }
});

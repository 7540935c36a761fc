// T13 at the edge: tokens, keys, and what a flood of them costs a cell.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, each } from "./harness/client.mjs";
import { Cell } from "./harness/cell.mjs";
import { id, signingKey, token } from "./harness/keys.mjs";
import { atLeast, atMost, exactly } from "./harness/proof.mjs";
import { cook, recipeKeys, saidBy, vectors } from "./harness/vectors.mjs";
import { startWorker } from "./harness/worker.mjs";

let cell, worker, acme, other;
before(async () => {
  cell = await new Cell().start();
  acme = cell.tenant("acme");
  other = cell.tenant("other");
  worker = await startWorker(cell);
});
after(async () => {
  await worker.stop();
  await cell.stop();
});
const good = (key = cell.tokenKeys[0], more = {}) => token(key, { issuer: cell.issuer, tenant: acme.id, ...more });

test("tokens of both kinds of key are let in, and the cell believes the edge", async () => {
  for (const key of cell.tokenKeys) {
    const answer = await ask(worker, { token: good(key) });
    assert.equal(answer.status, 200, answer.text);
  }
  assert.equal(cell.unsigned, 0);
});

test("every token of the vectors is judged as they say, and no bad one reaches the cell", async () => {
  const keys = recipeKeys();
  const own = cell.tokenKeys;
  const { a, b, es, enc } = keys;
  cell.tokenKeys = [a, b, es, { ...enc, jwk: { ...enc.jwk, use: "enc" } }];
  const fresh = await startWorker(cell);
  const cases = vectors("tokens").cases.filter((vector) => !vector.library_only);
  const wrong = [];
  let bad = 0;
  await each(cases, 8, async (vector) => {
    const mark = id("req");
    const once = () => ask(fresh, { token: cook(vector, saidBy(cell, acme, other), keys), headers: { "x-mark": mark } });
    let answer = await once();
    // Some are good for one more second, which a busy machine may let pass.
    for (let turn = 0; vector.expect === "accept" && answer.status !== 200 && turn < 5; turn++) answer = await once();
    const wanted = { accept: [200], "other-tenant": [403] }[vector.expect] ?? [401];
    const reached = cell.requests.some((request) => request.headers["x-mark"] === mark);
    if (vector.expect !== "accept") bad++;
    if (!wanted.includes(answer.status) || reached !== (vector.expect === "accept")) wrong.push(`${vector.name}: ${answer.status}`);
  });
  await fresh.stop();
  cell.tokenKeys = own;
  assert.deepEqual(wrong, []);
  atLeast("T13", "worker-bad-tokens", bad, 120);
  exactly("T13", "worker-misjudged", wrong.length, 0);
});

test("what cannot be an API key is refused before anybody is asked; what can be one, the cell decides about", async () => {
  const { good, bad } = vectors("api_keys");
  const reached = cell.requests.length;
  for (const key of bad.filter((key) => /^[\x21-\x7e]+$/.test(key))) assert.equal((await ask(worker, { token: key })).status, 401, key);
  assert.equal(cell.requests.length, reached);
  assert.equal((await ask(worker, { token: good[0].key })).status, 200);
});

test("other ways to show a token are none", async () => {
  const value = good();
  for (const headers of [
    { authorization: `bearer ${value}` }, { authorization: `Bearer  ${value}` }, { authorization: value }, { authorization: `Basic ${value}` },
    { authorization: `Bearer ${value}, Bearer ${value}` }, { "x-authorization": `Bearer ${value}` }, { cookie: `token=${value}` }, {},
  ]) {
    const answer = await ask(worker, { headers });
    assert.ok([400, 401].includes(answer.status), `${JSON.stringify(headers).slice(0, 40)}: ${answer.status}`);
  }
  assert.equal((await ask(worker, { path: `/v1/units?access_token=${value}` })).status, 401);
});

test("a flood of unknown keys asks the cell for its keys at most twice a minute", async () => {
  const asked = cell.asked.keys;
  const flood = Array.from({ length: 400 }, (_, index) => good(signingKey(`flood-${index}`)));
  const answers = [];
  await each(flood, 32, async (token) => answers.push((await ask(worker, { token })).status));
  assert.ok(answers.every((status) => status === 401));
  atMost("T13", "worker-key-fetches-in-a-flood", cell.asked.keys - asked, 2);
});

test("the token of one tenant opens no other's host", async () => {
  const answer = await ask(worker, { token: good(), host: "other.keystead.example" });
  assert.equal(answer.status, 403);
  const session = id("ses");
  assert.equal((await ask(worker, { token: good(undefined, { session }) })).status, 200);
});

// Which host leads where, and what hosts that are not ours get to see.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, raw, statuses } from "./harness/client.mjs";
import { Cell } from "./harness/cell.mjs";
import { token } from "./harness/keys.mjs";
import { exactly } from "./harness/proof.mjs";
import { vectors } from "./harness/vectors.mjs";
import { startWorker } from "./harness/worker.mjs";

let cell, worker, acme, other;
before(async () => {
  cell = await new Cell().start();
  acme = cell.tenant("acme");
  other = cell.tenant("other");
  cell.domains.push({ host: "homes.acme.example", tenant: acme.id });
  cell.tenant("moving", { moving: true });
  worker = await startWorker(cell);
});
after(async () => {
  await worker.stop();
  await cell.stop();
});
const bearer = (tenant = acme) => token(cell.tokenKeys[0], { issuer: cell.issuer, tenant: tenant.id });
const status = async (host, more = {}) => (await ask(worker, { host, token: bearer(), ...more })).status;

test("hosts lead to their tenant, whatever their case, port and final dot", async () => {
  const cases = {
    "acme.keystead.example": 200, "ACME.Keystead.Example": 200, "acme.keystead.example:443": 200, "acme.keystead.example.": 200,
    "homes.acme.example": 200, "HOMES.acme.example": 200, "keystead.example": 200, "api.keystead.example": 200,
    "other.keystead.example": 403, "moving.keystead.example": 503, "nobody.keystead.example": 404, "a.acme.keystead.example": 404,
    "acme.keystead.example.evil.example": 404, "xacme.keystead.example": 404, "www.homes.acme.example": 404, "127.0.0.1": 404, "evil.example": 404,
  };
  const wrong = [];
  for (const [host, wanted] of Object.entries(cases)) {
    const got = await status(host);
    if (got !== wanted) wrong.push(`${host}: ${got}, not ${wanted}`);
  }
  assert.deepEqual(wrong, []);
  exactly("hosts", "worker-wrong", wrong.length, 0);
});

test("every host of the vectors leads where they say", async () => {
  const { directory, cases } = vectors("hosts");
  const own = await new Cell().start();
  Object.assign(own, { epoch: directory.epoch, base: directory.base_domain, issuer: directory.cells.main.issuer, tenants: directory.tenants.filter(({ cell }) => cell === "main"), plans: directory.plans });
  own.domains = directory.domains.filter(({ tenant }) => own.tenants.some(({ id }) => id === tenant));
  const place = await startWorker(own);
  const wrong = [];
  const sendable = cases.filter(({ host, cell }) => /^[\x21-\x7e]+$/.test(host) && cell !== "west");
  for (const { host, kind, tenant } of sendable) {
    // A path that every kind of host answers in a way of its own.
    const got = statuses(await raw(place, `GET /v1/units HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`))[0];
    const moving = directory.tenants.some(({ slug, moving }) => slug === tenant && moving);
    const wanted = kind === null || kind === "docs" ? [404, 400, 500] : moving ? [503] : [401];
    if (!wanted.includes(got)) wrong.push(`${host}: ${got}, not ${wanted}`);
  }
  await place.stop();
  assert.deepEqual(wrong, []);
  assert.equal(own.requests.length, 0);
  await own.stop();
  exactly("hosts", "worker-vectors-wrong", wrong.length, 0);
});

test("every unknown host gets the same answer, but for its id", async () => {
  const seen = new Set();
  for (const host of ["evil.example", "nobody.keystead.example", "192.0.2.1", "a.b.c.d.e"]) {
    const { status, headers, text } = await ask(worker, { host, token: bearer() });
    const id = headers["x-request-id"];
    seen.add(JSON.stringify([status, text.replace(id, ""), { ...headers, "x-request-id": "", date: "" }]));
  }
  assert.equal(seen.size, 1);
});

test("the token decides on the platform's own name, and the client's say does not", async () => {
  const answer = await ask(worker, { host: "api.keystead.example", token: bearer(other), headers: { "x-keystead-tenant": acme.id } });
  assert.equal(answer.status, 200);
  assert.equal(cell.requests.at(-1).statement.tenant, other.id);
});

test("a tenant that came a moment ago is found; one on its way is asked to wait", async () => {
  const fresh = cell.tenant("fresh");
  const deadline = Date.now() + 5_000;
  let got;
  do {
    got = await status("fresh.keystead.example", { token: bearer(fresh) });
  } while (got !== 200 && Date.now() < deadline);
  assert.equal(got, 200);
  const moving = await ask(worker, { host: "moving.keystead.example", token: bearer() });
  assert.ok(Number(moving.headers["retry-after"]) >= 1);
});

test("a tenant's first token is good at once, however fresh the directory is that the feed keeps", async () => {
  const got = [];
  for (const name of ["first", "second", "third"]) {
    // Asked for an unknown host, the feed keeps an answer for a while: one that lacks the tenant to come.
    const before = cell.asked.directory;
    const deadline = Date.now() + 5_000;
    while (cell.asked.directory === before && Date.now() < deadline) assert.equal(await status(`${name}.keystead.example`), 404);
    assert.ok(cell.asked.directory > before);
    got.push(await status("api.keystead.example", { token: bearer(cell.tenant(name)) }));
  }
  assert.deepEqual(got, [200, 200, 200]);
});

test("a directory that became stale is fetched anew and the request sent again", async () => {
  let refused = 0;
  const usual = cell.answer;
  cell.answer = (request, response) => {
    if (refused > 0) return usual(request, response);
    refused++;
    cell.epoch = Number(request.statement.epoch) + 1;
    response.writeHead(421, { "x-keystead-directory-epoch": String(cell.epoch) }).end();
  };
  const body = JSON.stringify({ name: "kept for the second attempt" });
  const answer = await ask(worker, { token: bearer(), method: "POST", path: "/v1/contacts", headers: { "content-type": "application/json", "content-length": String(body.length) }, body });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(refused, 1);
  assert.equal(Number(cell.requests.at(-1).statement.epoch), cell.epoch);
  assert.equal(JSON.parse(answer.text).body, body);
  cell.answer = usual;
});

test("origins are compared whole, and credentials stay at home", async () => {
  const cors = async (origin) => (await ask(worker, { token: bearer(), headers: { origin } })).headers["access-control-allow-origin"];
  assert.equal(await cors("https://evil.example"), undefined);
  assert.equal(await cors("null"), undefined);
});

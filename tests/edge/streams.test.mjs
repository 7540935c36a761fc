// Bodies are passed on while they arrive, sockets are handed over, files of the admin UI are kept as long as they may be.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { WebSocket, WebSocketServer } from "ws";
import { agent, ask } from "./harness/client.mjs";
import { Cell } from "./harness/cell.mjs";
import { token } from "./harness/keys.mjs";
import { startWorker, temporary } from "./harness/worker.mjs";

const HOST = "acme.keystead.example";
let cell, worker, bearer, files;
before(async () => {
  files = temporary("files");
  mkdirSync(join(files, "assets"));
  writeFileSync(join(files, "index.html"), '<!doctype html><p>Keystead');
  writeFileSync(join(files, "assets/app-Bx7Qk2aZ.js"), "export {}".repeat(400));
  writeFileSync(join(files, "favicon.ico"), "icon");
  cell = await new Cell().start();
  const acme = cell.tenant("acme");
  worker = await startWorker(cell, { assets: files, config: { file_origins: ["https://files.example"] } });
  bearer = token(cell.tokenKeys[0], { issuer: cell.issuer, tenant: acme.id });
});
after(async () => {
  await worker.stop();
  await cell.stop();
  rmSync(files, { recursive: true });
});
const headers = (more = {}) => ({ host: HOST, authorization: `Bearer ${bearer}`, ...more });

test("the cell reads the first byte of an upload before its last was sent", async () => {
  const got = deferred();
  const total = createHash("sha256");
  cell.answer = (request, response) => {
    request.once("data", () => got.resolve());
    request.on("data", (part) => total.update(part));
    request.on("end", () => response.end("whole"));
  };
  const request = httpRequest({ host: "127.0.0.1", port: worker.port, agent, method: "POST", path: "/v1/imports", headers: headers({ "content-type": "text/csv" }), setHost: false });
  const answered = once(request, "response");
  const [first, rest] = [randomBytes(64 * 1024), randomBytes(3 * 1024 * 1024)];
  request.write(first);
  // Never ends here if anything on the way waits for the whole.
  await got.promise;
  request.end(rest);
  const [answer] = await answered;
  assert.equal(answer.statusCode, 200);
  answer.resume();
  assert.equal(total.digest("hex"), createHash("sha256").update(first).update(rest).digest("hex"));
  assert.equal(cell.requests.at(-1).statement.body, "stream");
});

test("a caller reads the first byte of an answer before its last was made", async () => {
  let finish;
  cell.answer = (_, response) => {
    response.write("first");
    finish = () => response.end("last");
  };
  const request = httpRequest({ host: "127.0.0.1", port: worker.port, agent, path: "/v1/audit/export", headers: headers(), setHost: false }).end();
  const [answer] = await once(request, "response");
  const [part] = await once(answer, "data");
  assert.equal(part.toString(), "first");
  finish();
  let text = part.toString();
  for await (const more of answer) text += more;
  assert.equal(text, "firstlast");
});

test("bodies that are read whole have a bound, announced or not", async () => {
  cell.answer = (request, response) => response.end(String(request.body.length));
  const send = (body, more) => ask(worker, { token: bearer, method: "POST", path: "/v1/contacts", headers: { "content-type": "application/json", ...more }, body });
  const fits = Buffer.alloc(1024 * 1024, 32);
  assert.equal((await send(fits, { "content-length": String(fits.length) })).text, String(fits.length));
  assert.equal((await send(fits, { "transfer-encoding": "chunked" })).text, String(fits.length));
  const reached = cell.requests.length;
  // Announced, it is refused before a byte of it; otherwise at the first byte too many. Neither waits for its end.
  assert.equal(await refused({ "content-length": String(fits.length + 1) }), 413);
  assert.equal(await refused({ "transfer-encoding": "chunked" }, Buffer.alloc(fits.length + 1, 32)), 413);
  assert.equal(cell.requests.length, reached);
});

async function refused(more, body) {
  const options = { host: "127.0.0.1", port: worker.port, method: "POST", path: "/v1/contacts", headers: headers({ "content-type": "application/json", ...more }), setHost: false };
  const request = httpRequest(options).on("error", () => {});
  request.flushHeaders();
  if (body) request.write(body);
  const [answer] = await once(request, "response");
  request.destroy();
  return answer.statusCode;
}

test("compressed answers, answers without a body and other statuses stay what they are", async () => {
  const { gzipSync } = await import("node:zlib");
  const zipped = gzipSync("{}".repeat(100));
  cell.answer = (request, response) => {
    const status = Number(new URL(request.url, "http://x").searchParams.get("s") ?? 200);
    if (status === 200) return response.writeHead(200, { "content-encoding": "gzip", etag: '"1"' }).end(zipped);
    response.writeHead(status, status === 302 ? { location: "/elsewhere" } : {}).end();
  };
  for (const status of [204, 302, 304, 404, 409, 500]) {
    const answer = await ask(worker, { token: bearer, path: `/v1/units?s=${status}` });
    assert.equal(answer.status, status);
    assert.equal(answer.headers.location, status === 302 ? "/elsewhere" : undefined);
  }
  const request = httpRequest({ host: "127.0.0.1", port: worker.port, agent, path: "/v1/units", headers: headers({ "accept-encoding": "gzip" }), setHost: false }).end();
  const [answer] = await once(request, "response");
  const parts = await answer.toArray();
  assert.equal(answer.headers["content-encoding"], "gzip");
  assert.deepEqual(Buffer.concat(parts), zipped);
  const head = await ask(worker, { token: bearer, method: "HEAD", path: "/v1/units" });
  assert.equal(head.status, 200);
  assert.equal(head.text, "");
});

test("a WebSocket goes through, both ways, and only with a token", async () => {
  const sockets = new WebSocketServer({ noServer: true });
  cell.upgrade = (request, socket, head) => sockets.handleUpgrade(request, socket, head, (ws) => ws.on("message", (data) => ws.send(`echo ${data}`)));
  const ws = new WebSocket(`ws://127.0.0.1:${worker.port}/v1/live`, { headers: headers() });
  await once(ws, "open");
  for (const text of ["one", "two"]) {
    ws.send(text);
    assert.equal((await once(ws, "message"))[0].toString(), `echo ${text}`);
  }
  ws.close();
  await once(ws, "close");
  const refused = new WebSocket(`ws://127.0.0.1:${worker.port}/v1/live`, { headers: { host: HOST } });
  const [error] = await once(refused, "error");
  assert.match(error.message, /401/);
});

test("the admin UI comes from the edge: pages asked for each time, hashed files for a year", async () => {
  const page = await ask(worker, { path: "/" });
  assert.equal(page.status, 200);
  assert.match(page.headers["content-type"], /^text\/html/);
  assert.equal(page.headers["cache-control"], "no-cache");
  assert.match(page.headers["content-security-policy"], /script-src 'self'; style-src 'self';.*trusted-types 'none'/);
  const deep = await ask(worker, { path: "/projects/prj_1/units" });
  assert.equal(deep.status, 200);
  assert.ok(deep.text.includes("Keystead"));
  const script = await ask(worker, { path: "/assets/app-Bx7Qk2aZ.js" });
  assert.equal(script.headers["cache-control"], "public, max-age=31536000, immutable");
  assert.match(script.headers["content-type"], /javascript/);
  const again = await ask(worker, { path: "/favicon.ico" });
  assert.equal(again.headers["cache-control"], "no-cache");
  const unchanged = await ask(worker, { path: "/favicon.ico", headers: { "if-none-match": again.headers.etag } });
  assert.equal(unchanged.status, 304);
  assert.equal((await ask(worker, { path: "/assets/app-00000000.js" })).status, 404);
  assert.equal((await ask(worker, { path: "/", host: "evil.example" })).status, 404);
});

function deferred() {
  let resolve;
  const promise = new Promise((done) => (resolve = done));
  return { promise, resolve };
}

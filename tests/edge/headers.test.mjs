// T16: what two parsers could read in two ways, and what a client must not be able to say. Bytes on a socket, no HTTP library between.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ask, raw, statuses } from "./harness/client.mjs";
import { Cell } from "./harness/cell.mjs";
import { token } from "./harness/keys.mjs";
import { atLeast, exactly } from "./harness/proof.mjs";
import { vectors } from "./harness/vectors.mjs";
import { startWorker } from "./harness/worker.mjs";

let cell, worker, bearer;
before(async () => {
  cell = await new Cell().start();
  const acme = cell.tenant("acme");
  worker = await startWorker(cell);
  bearer = token(cell.tokenKeys[0], { issuer: cell.issuer, tenant: acme.id });
});
after(async () => {
  await worker.stop();
  await cell.stop();
});

const HOST = "acme.keystead.example";
// A request with these lines after its host and token.
const lines = (first, more = [], body = "") =>
  `${[first, `Host: ${HOST}`, `Authorization: Bearer ${bearer}`, ...more].join("\r\n")}\r\n\r\n${body}`;
const post = (more, body) => lines("POST /v1/contacts HTTP/1.1", more, body);
const get = (path, more) => lines(`GET ${path} HTTP/1.1`, more);
const SMUGGLED = "GET /v1/smuggled HTTP/1.1\r\nHost: acme.keystead.example\r\n\r\n";

// One shape each. Refused means: no 2xx for it, and the cell saw nothing of it.
const REFUSED = () => ({
  "CL.TE": post(["Content-Length: 4", "Transfer-Encoding: chunked"], `0\r\n\r\n${SMUGGLED}`),
  "TE.CL": post(["Transfer-Encoding: chunked", "Content-Length: 4"], `5c\r\n${SMUGGLED}\r\n0\r\n\r\n`),
  "TE.TE, one disguised": post(["Transfer-Encoding: chunked", "Transfer-Encoding: identity"], "0\r\n\r\n"),
  "TE with a tab": post(["Transfer-Encoding:\tchunked\t, identity"], "0\r\n\r\n"),
  "TE xchunked": post(["Transfer-Encoding: xchunked"], "0\r\n\r\n"),
  "TE chunked, chunked": post(["Transfer-Encoding: chunked, chunked"], "0\r\n\r\n"),
  "TE gzip, chunked": post(["Transfer-Encoding: gzip, chunked"], "0\r\n\r\n"),
  "TE with an underscore": post(["Transfer_Encoding: chunked", "Content-Length: 3"], "abc"),
  "two lengths": post(["Content-Length: 3", "Content-Length: 4"], "abcd"),
  "the same length twice": post(["Content-Length: 3", "Content-Length: 3"], "abc"),
  "lengths in a list": post(["Content-Length: 3, 3"], "abc"),
  "length with a sign": post(["Content-Length: +3"], "abc"),
  "negative length": post(["Content-Length: -1"], "abc"),
  "hexadecimal length": post(["Content-Length: 0x3"], "abc"),
  "length beyond 64 bits": post(["Content-Length: 18446744073709551619"], "abc"),
  "length with a leading zero": post(["Content-Length: 03"], "abc"),
  "length with words": post(["Content-Length: 3 bytes"], "abc"),
  "GET with a length": lines("GET /v1/units HTTP/1.1", ["Content-Length: 2"], "{}"),
  "GET with chunks": lines("GET /v1/units HTTP/1.1", ["Transfer-Encoding: chunked"], "2\r\n{}\r\n0\r\n\r\n"),
  "HEAD with a length": lines("HEAD /v1/units HTTP/1.1", ["Content-Length: 2"], "{}"),
  "two hosts": lines("GET /v1/units HTTP/1.1", ["Host: other.keystead.example"]),
  "no host": `GET /v1/units HTTP/1.1\r\nAuthorization: Bearer ${bearer}\r\n\r\n`,
  "host with a user": `GET /v1/units HTTP/1.1\r\nHost: ${HOST}@evil.example\r\nAuthorization: Bearer ${bearer}\r\n\r\n`,
  "host with a path": `GET /v1/units HTTP/1.1\r\nHost: ${HOST}/x\r\nAuthorization: Bearer ${bearer}\r\n\r\n`,
  "absolute form of another host": lines("GET http://other.keystead.example/v1/units HTTP/1.1"),
  "authority form": lines("CONNECT acme.keystead.example:443 HTTP/1.1"),
  "asterisk form": lines("OPTIONS * HTTP/1.1"),
  "TRACE": lines("TRACE /v1/units HTTP/1.1"),
  "a method of one's own": lines("PROPFIND /v1/units HTTP/1.1"),
  "lower-case method": lines("get /v1/units HTTP/1.1"),
  "two tokens": lines("GET /v1/units HTTP/1.1", [`Authorization: Bearer ${bearer}`]),
  "two content types": post(["Content-Type: application/json", "Content-Type: text/csv", "Content-Length: 2"], "{}"),
  "a token in Connection": get("/v1/units", ["Connection: authorization"]),
  "a host in Connection": get("/v1/units", ["Connection: host, close"]),
  "h2c": get("/v1/units", ["Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABkAAQAAP__"]),
  "upgrade by POST": post(["Upgrade: websocket", "Connection: Upgrade", "Content-Length: 0"], ""),
  "a name with an underscore": get("/v1/units", ["X_Keystead_Tenant: x"]),
  "NUL in a value": get("/v1/units", ["X-A: b\0c"]),
  "a name that is none": get("/v1/units", ["X(A): b"]),
  "no name": get("/v1/units", [": b"]),
  "dots": get("/v1/../edge/directory"),
  "encoded dots": get("/v1/%2e%2e/edge/directory"),
  "half-encoded dots": get("/v1/.%2E/edge/directory"),
  "encoded slash": get("/v1/units%2f..%2f..%2fedge"),
  "encoded backslash": get("/v1/units%5c..%5c"),
  "backslash": get("/v1\\units"),
  "parameters in a segment": get("/v1/units;jsessionid=1"),
  "double slash": get("//v1/units"),
  "double slash inside": get("/v1//units"),
  "double encoding": get("/v1/%252e%252e/edge"),
  "broken encoding": get("/v1/units%zz"),
  "half an encoding": get("/v1/units%2"),
  "overlong UTF-8": get("/v1/%c0%ae%c0%ae/edge"),
  "overlong slash": get("/v1/units%c0%af"),
  "encoded NUL": get("/v1/units%00"),
  "encoded line feed": get("/v1/units%0d%0aX:%20y"),
  "bytes beyond ASCII": get("/v1/units\xe9"),
  "expectation of one's own": post(["Expect: 200-ok", "Content-Length: 2"], "{}"),
  "internal path": get("/edge/directory"),
  "health for machines": get("/health/ready"),
  "metrics": get("/metrics"),
  "a target of 9 KiB": get(`/v1/units?q=${"x".repeat(9000)}`),
  "forty KiB of fields": get("/v1/units", Array.from({ length: 40 }, (_, i) => `X-F${i}: ${"y".repeat(1000)}`)),
});

// These the runtime itself reads in one way before the worker sees them. (Cloudflare's own front does in production; this is workerd's.)
const CLEANED = () => ({
  "TE.0 in HTTP/1.0": `POST /v1/contacts HTTP/1.0\r\nHost: ${HOST}\r\nAuthorization: Bearer ${bearer}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  "a name with a space before the colon": get("/v1/units", ["X-A : b"]),
  "CR in a value": get("/v1/units", ["X-A: b\rX-Keystead-Edge: v1"]),
});

test("what the runtime makes plain reaches the cell plain, once", async () => {
  for (const [name, bytes] of Object.entries(CLEANED())) {
    const before = cell.requests.length;
    await raw(worker, bytes);
    const seen = cell.requests.slice(before);
    assert.ok(seen.length <= 1, name);
    for (const { headers, rawHeaders, statement, httpVersion } of seen) {
      assert.equal(statement.host, HOST, name);
      assert.equal(httpVersion, "1.1", name);
      assert.ok(!(headers["content-length"] && headers["transfer-encoding"]), name);
      assert.deepEqual(rawHeaders.filter((text) => /[\r\n\0]|^\s|\s$/.test(text)), [], name);
    }
  }
});

test("shapes that are read in two ways are refused, and the cell sees nothing of them", async () => {
  const corpus = Object.entries(REFUSED());
  const passed = [];
  for (const [name, bytes] of corpus) {
    const before = cell.requests.length;
    const answers = statuses(await raw(worker, bytes));
    if (answers.some((status) => status < 300) || cell.requests.length !== before) passed.push(`${name}: ${answers}`);
  }
  assert.deepEqual(passed, []);
  atLeast("T16", "worker-shapes", corpus.length, 50);
  exactly("T16", "worker-desyncs", passed.length, 0);
  exactly("T16", "worker-unsigned-at-the-cell", cell.unsigned, 0);
});

// The runtime reads some heads before the worker does, and may clean them; then the cell has to see the cleaned form, signed, once.
test("every head of the vectors is refused or reaches the cell in one plain form", async () => {
  const wrong = [];
  const { cases } = vectors("heads");
  // A socket that is opened stays open: it has a test of its own.
  for (const { name, method, target, fields, expect } of cases.filter(({ websocket }) => !websocket)) {
    const own = fields.some(([field]) => field.toLowerCase() === "authorization") ? [] : [`Authorization: Bearer ${bearer}`];
    const chunked = fields.some(([field, value]) => field.toLowerCase() === "transfer-encoding" && /chunked$/i.test(value));
    const length = Number(fields.find(([field]) => field.toLowerCase() === "content-length")?.[1] ?? 0) || 0;
    const body = chunked ? "0\r\n\r\n" : "x".repeat(Math.max(0, Math.min(length, 1000)));
    const head = [`${method} ${target} HTTP/1.1`, ...fields.map(([field, value]) => `${field}: ${value}`), ...own].join("\r\n");
    const before = cell.requests.length;
    const [status] = statuses(await raw(worker, `${head}\r\n\r\n${body}`));
    const seen = cell.requests.slice(before);
    const clean = seen.every(({ url, rawHeaders }) => /^\/[\w\-.~!$&'()*+,=:@%/?]*$/.test(url) && !/%2e|%2f|%5c|%00|\/\.\.?\//i.test(url) && !rawHeaders.some((text, index) => index % 2 === 0 && text.includes("_")));
    // Some plain heads are answered by the edge itself; none of the others may be taken for more than one request.
    if (expect === "ok" ? (status ?? 500) >= 500 || status === 400 : seen.length > 1 || !clean) wrong.push(`${name}: ${status}, ${seen.map(({ url }) => url)}`);
  }
  assert.deepEqual(wrong, []);
  atLeast("T16", "worker-heads", cases.length, 150);
  exactly("T16", "worker-misread-heads", wrong.length, 0);
});

test("two requests on one connection stay two", async () => {
  const before = cell.requests.length;
  const two = post(["Content-Type: application/json", "Content-Length: 2"], "{}") + get("/v1/units?second=1");
  assert.deepEqual(statuses(await raw(worker, two, { then: 700 })), [200, 200]);
  assert.deepEqual(cell.requests.slice(before).map((request) => request.url), ["/v1/contacts", "/v1/units?second=1"]);
});

const FORGED = {
  "x-keystead-edge": "v1;kid=e1;alg=hmac-sha256;ts=1;nonce=x;sig=x", "x-keystead-tenant": "tnt_1", "x-keystead-anything": "1",
  "x-forwarded-for": "1.2.3.4", "x-forwarded-host": "other.keystead.example", "x-forwarded-proto": "http", forwarded: "for=1.2.3.4",
  "x-real-ip": "1.2.3.4", "true-client-ip": "1.2.3.4", "x-original-url": "/edge/directory", "x-original-host": "evil", "x-rewrite-url": "/edge",
  "x-http-method-override": "DELETE", "x-method-override": "DELETE", "cf-connecting-ip": "1.2.3.4", "cf-ray": "1", te: "trailers",
  "proxy-authorization": "Basic eA==", "proxy-connection": "keep-alive", "keep-alive": "timeout=5",
};

test("what only the edge may say is taken from the client and said by the edge", async () => {
  const named = { connection: "close, x-named", "x-named": "1" };
  const answer = await ask(worker, { token: bearer, headers: { ...FORGED, ...named, "x-kept": "yes" } });
  assert.equal(answer.status, 200, answer.text);
  const { headers } = cell.requests.at(-1);
  const left = [...Object.keys(FORGED), "x-named"].filter((name) => headers[name] !== undefined && name !== "x-keystead-edge");
  assert.deepEqual(left, []);
  assert.equal(headers["x-kept"], "yes");
  assert.notEqual(headers["x-keystead-edge"], FORGED["x-keystead-edge"]);
  exactly("T16", "worker-forged-fields-passed-on", left.length, 0);
  assert.equal(cell.requests.at(-1).statement.host, HOST);
});

test("what a cell says to its edge alone does not come out", async () => {
  cell.answer = (_, response) => {
    response.setHeader("x-keystead-directory-epoch", "7");
    response.setHeader("server", "secret/1.0");
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("set-cookie", ["a=1; Path=/", "b=2; Path=/"]);
    response.setHeader("cache-control", "public, max-age=600");
    response.end("{}");
  };
  const { headers } = await ask(worker, { token: bearer });
  assert.equal(headers["x-keystead-directory-epoch"], undefined);
  assert.equal(headers.server, undefined);
  assert.equal(headers["access-control-allow-origin"], undefined);
  assert.deepEqual(headers["set-cookie"], ["a=1; Path=/", "b=2; Path=/"]);
  assert.match(headers["cache-control"], /no-store/);
  assert.match(headers["strict-transport-security"], /max-age/);
  assert.equal(headers["x-content-type-options"], "nosniff");
  assert.match(headers["x-request-id"], /^req_/);
  cell.answer = Cell.prototype.answer ?? new Cell().answer;
});

test("a caller's trace goes on, with a span of the edge's", async () => {
  const trace = "0af7651916cd43dd8448eb211c80319c";
  await ask(worker, { token: bearer, headers: { traceparent: `00-${trace}-b7ad6b7169203331-01`, tracestate: "a=b" } });
  const { traceparent, tracestate } = cell.requests.at(-1).headers;
  assert.match(traceparent, new RegExp(`^00-${trace}-(?!b7ad6b7169203331)[0-9a-f]{16}-01$`));
  assert.equal(tracestate, "a=b");
});

// A cell under a test's control: it publishes what a cell publishes, checks the edge's signature on every request by itself, writes
// down what reached it, and can be told to be silent, to break or to be slow.
import { createHash, createHmac } from "node:crypto";
import { createServer } from "node:http";
import { b64, document, id, signingKey } from "./keys.mjs";

const sha256 = (bytes) => createHash("sha256").update(bytes).digest("base64url");

export class Cell {
  name = "main";
  issuer = "https://cell.keystead.example";
  base = "keystead.example";
  epoch = 1;
  tokenKeys = [signingKey("t1"), signingKey("t2", "ES256")];
  documentKey = signingKey("d1");
  edgeKey = { kid: "e1", secret: b64(Buffer.alloc(32, 7)) };
  plans = { standard: { per_tenant: { limit: 100000, window: 60 }, per_subject: { limit: 100000, window: 60 } } };
  tenants = [];
  domains = [];
  revoked = [];
  requests = [];
  asked = { directory: 0, keys: 0, revocations: 0 };
  broken = new Set();
  nonces = new Set();
  unsigned = 0;

  tenant(slug, more = {}) {
    const tenant = { id: id("tnt"), slug, cell: this.name, plan: "standard", ...more };
    this.tenants.push(tenant);
    this.epoch++;
    return tenant;
  }

  // The handler of what the edge forwards; a test may set its own.
  answer = (request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.rawHeaders, body: request.body?.toString() }));
  };

  async start(port = 0) {
    this.server = createServer((request, response) => this.#serve(request, response));
    this.server.on("upgrade", (request, socket, head) => {
      if (this.#believes(request)) this.upgrade?.(request, socket, head);
      else socket.destroy();
    });
    this.server.keepAliveTimeout = 60_000;
    await new Promise((listening) => this.server.listen(port, "127.0.0.1", listening));
    this.port = this.server.address().port;
    return this;
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  directory() {
    const { epoch, tenants, domains, plans } = this;
    const cells = { [this.name]: { issuer: this.issuer } };
    return document(this.documentKey, "keystead-directory", {
      epoch, base_domain: this.base, default_cell: this.name, cells, plans, tenants, domains,
    });
  }

  // Is it the edge's signature of this request? An independent reading of its format.
  #believes(request) {
    const value = request.headers["x-keystead-edge"] ?? "";
    const [said, sig] = value.split(";sig=");
    const fields = Object.fromEntries(said.split(";").slice(1).map((part) => part.split(/=(.*)/s, 2)));
    const mac = createHmac("sha256", Buffer.from(this.edgeKey.secret, "base64url"));
    mac.update(["keystead-edge-v1", request.method, request.url, said].map((line) => `${line}\n`).join(""));
    const right = mac.digest("base64url") === sig && fields.kid === this.edgeKey.kid && fields.cell === this.name;
    const fresh = Math.abs(Number(fields.ts) - Date.now() / 1000) <= 30 && !this.nonces.has(fields.nonce);
    const subject = request.headers.authorization ? sha256(request.headers.authorization) : "-";
    request.statement = fields;
    this.nonces.add(fields.nonce);
    return right && fresh && fields.sub === subject;
  }

  #serve(request, response) {
    const path = request.url.split("?")[0];
    const kind = { "/edge/directory": "directory", "/edge/revocations": "revocations", "/.well-known/jwks.json": "keys" }[path];
    if (kind) this.asked[kind]++;
    if (this.broken.has("silent")) return;
    if (this.broken.has(kind ?? "api")) return response.writeHead(503).end();
    if (!this.#believes(request)) {
      this.unsigned++;
      return response.writeHead(421).end();
    }
    if (kind) return this.#publish(kind, request, response);
    this.requests.push(request);
    if (request.statement.body === "stream") return this.answer(request, response);
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      request.body = Buffer.concat(parts);
      const digest = request.body.length ? sha256(request.body) : "-";
      if (digest !== request.statement.body) {
        this.unsigned++;
        return response.writeHead(421).end();
      }
      this.answer(request, response);
    });
  }

  #publish(kind, request, response) {
    if (kind === "keys") return response.end(JSON.stringify({ keys: this.tokenKeys.map((key) => key.jwk) }));
    if (kind === "directory") {
      if (request.url.endsWith(`?epoch=${this.epoch}`)) return response.writeHead(204).end();
      return response.end(this.directory());
    }
    const at = Date.now();
    const feed = { cell: this.name, at, since: at - 15 * 60_000, sessions: this.revoked, tenants: [] };
    response.end(document(this.documentKey, "keystead-revocations", feed));
  }
}

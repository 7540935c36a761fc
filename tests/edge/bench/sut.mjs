// What is measured: our worker and the JavaScript peer in the same workerd, and the native host; each before the same upstream.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { b64, document, id, jws, seconds, signingKey, token, tokenHeader } from "../harness/keys.mjs";
import { BUILD, compatibilityDate } from "../harness/worker.mjs";

const require = createRequire(import.meta.url);
const WORKERD = require("workerd").default;
const TENANTS = Number(process.env.BENCH_EDGE_TENANTS ?? 200);

const text = (value) => JSON.stringify(value);
const header = `using Workerd = import "/workerd/workerd.capnp";\n`;

// Everything that the checks need, for `TENANTS` tenants with one token each.
export function scene(folder) {
  const [key, documents] = [signingKey("t1"), signingKey("d1")];
  const issuer = "https://cell.keystead.example";
  const quota = { limit: 100_000_000, window: 60 };
  const tenants = Array.from({ length: TENANTS }, (_, n) => ({ id: id("tnt"), slug: `b${n}`, cell: "main", plan: "bench" }));
  const published = {
    "/edge/directory": document(documents, "keystead-directory", {
      epoch: 1, base_domain: "keystead.example", default_cell: "main", cells: { main: { issuer } },
      plans: { bench: { per_tenant: quota, per_subject: quota } }, tenants,
    }),
    "/edge/revocations": document(documents, "keystead-revocations", { cell: "main", at: Date.now(), since: Date.now() - 3_600_000, sessions: [], tenants: [] }),
    "/.well-known/jwks.json": text({ keys: [key.jwk] }),
  };
  const lines = (make) => tenants.map(make).map((parts) => parts.join("\t")).join("\n");
  const ours = join(folder, "ours.requests");
  writeFileSync(ours, `${lines((tenant) => [`${tenant.slug}.keystead.example`, "/v1/contracts/ctr_1", token(key, { issuer, tenant: tenant.id })])}\n`);
  const peer = join(folder, "peer.requests");
  const said = (tenant) => ({ iss: "bench", aud: "crm", sub: id("mem"), tid: tenant.id, iat: seconds(), exp: seconds() + 3_600 });
  writeFileSync(peer, `${lines((tenant) => ["keystead.example", "/v1/contracts/ctr_1", jws(key, tokenHeader(key), said(tenant))])}\n`);
  const pass = join(folder, "pass.requests");
  writeFileSync(pass, `${lines(() => ["keystead.example", "/passthrough/1", "x"])}\n`);
  const shield = Object.fromEntries(["per_address", "anonymous", "auth", "renewals", "alone"].map((name) => [name, quota]));
  const config = { home: "main", trusted: [{ kid: documents.kid, x: documents.jwk.x }], shield };
  const keys = [{ kid: "e1", secret: b64(Buffer.alloc(32, 7)) }];
  return { key, published, requests: { ours, peer, pass }, config, keys };
}

function capnp(folder, name, modules, bindings, more, upstream, port) {
  const file = join(folder, `${name}.capnp`);
  writeFileSync(file, `${header}const config :Workerd.Config = (
  services = [ (name = "main", worker = .edge), (name = "origin", external = (address = "127.0.0.1:${upstream}", http = ())), (name = "empty", worker = .empty) ],
  sockets = [ (name = "http", address = "127.0.0.1:${port}", http = (), service = "main") ],
);
const empty :Workerd.Worker = (modules = [ (name = "empty.js", esModule = "export default { fetch() { return new Response(null, { status: 404 }); } };") ], compatibilityDate = "${compatibilityDate}");
const edge :Workerd.Worker = (modules = [ ${modules.join(", ")} ], bindings = [ ${bindings.join(", ")} ], compatibilityDate = "${compatibilityDate}"${more});\n`);
  return { command: WORKERD, args: ["serve", file], cwd: folder, port };
}

const binding = (name, value) => `(name = "${name}", text = ${text(value)})`;
const objects = `, durableObjectNamespaces = [ (className = "TenantLimiter", uniqueKey = "limiter", enableSql = true), (className = "CellFeed", uniqueKey = "feed", enableSql = true) ], durableObjectStorage = (inMemory = void)`;

export function ourWorker(folder, scene, upstream, port) {
  for (const name of ["index.js", "index_bg.wasm"]) copyFileSync(join(BUILD, name), join(folder, name));
  return capnp(folder, "ours",
    [`(name = "index.js", esModule = embed "index.js")`, `(name = "index_bg.wasm", wasm = embed "index_bg.wasm")`],
    [
      binding("EDGE_CONFIG", text(scene.config)), binding("EDGE_KEYS", text(scene.keys)),
      binding("CELLS", text({ main: { url: "http://origin", binding: "ORIGIN" } })),
      `(name = "ORIGIN", service = "origin")`, `(name = "EDGE_KV", kvNamespace = "empty")`,
      `(name = "TENANT_LIMITER", durableObjectNamespace = "TenantLimiter")`, `(name = "CELL_FEED", durableObjectNamespace = "CellFeed")`,
    ],
    objects, upstream, port);
}

// The least that a worker can do: what proxying itself costs in this runtime.
export function bareWorker(folder, upstream, port) {
  const source = `export default { fetch: (request, env) => env.ORIGIN.fetch(new Request("http://origin/static", request)) };`;
  return capnp(folder, "bare", [`(name = "bare.js", esModule = ${text(source)})`], [`(name = "ORIGIN", service = "origin")`], "", upstream, port);
}

// hono and jose, from the folder of the peers; undefined where that is not.
export function peerWorker(folder, scene, upstream, port) {
  const rig = join(process.env.BENCH_RIG ?? "", "edge-js-reference");
  if (!process.env.BENCH_RIG || !existsSync(rig)) return undefined;
  const own = join(folder, "peer");
  mkdirSync(own, { recursive: true });
  for (const name of ["worker.js", "package.json"]) copyFileSync(join(rig, name), join(own, name));
  if (!existsSync(join(own, "node_modules"))) execFileSync("npm", ["install", "--silent", "--no-fund", "--no-audit"], { cwd: own, stdio: ["ignore", "ignore", "inherit"] });
  execFileSync("npm", ["run", "--silent", "build"], { cwd: own, stdio: "ignore" });
  copyFileSync(join(own, "dist/worker.js"), join(folder, "peer.js"));
  return capnp(folder, "peer", [`(name = "peer.js", esModule = embed "peer.js")`],
    [`(name = "UPSTREAM", service = "origin")`, binding("JWK", text(scene.key.jwk)), binding("BUCKET", "100000000")], "", upstream, port);
}

// The native host, once it is built.
export function nativeHost(scene, upstream, port) {
  const program = process.env.EDGE_NATIVE;
  if (!program || !existsSync(program)) return undefined;
  const env = {
    ...process.env, KEYSTEAD_EDGE_LISTEN: `127.0.0.1:${port}`, KEYSTEAD_EDGE_PROBE_LISTEN: "127.0.0.1:0", RUST_LOG: "warn",
    KEYSTEAD_EDGE_CONFIG: text({ ...scene.config, keys: scene.keys }), KEYSTEAD_EDGE_CELLS: `main=http://127.0.0.1:${upstream}`,
  };
  return { command: program, args: [], env, port };
}

// The built worker in workerd, with its bindings, in front of a cell.
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Log, LogLevel, Miniflare } from "miniflare";

export const BUILD = fileURLToPath(new URL("../../../edge/worker/build/", import.meta.url));
// The date that deploy/cloudflare deploys with.
export const { compatibility_date: compatibilityDate } = JSON.parse(
  readFileSync(new URL("../../../deploy/cloudflare/wrangler.json", import.meta.url), "utf8"),
);

const modules = () => [
  { type: "ESModule", path: join(BUILD, "index.js"), contents: readFileSync(join(BUILD, "index.js"), "utf8") },
  { type: "CompiledWasm", path: join(BUILD, "index_bg.wasm"), contents: readFileSync(join(BUILD, "index_bg.wasm")) },
];

const BROKEN = "export class Broken { fetch() { throw new Error('gone'); } } export default {};";

// Every worker listens by itself, without a proxy in front that would read requests its own way. `pops`: so many locations, each with
// isolates of its own and the same Durable Objects. `counter: "gone"`: tenants' counters fail.
export function options(config, keys, cells, { shield = 10_000_000, pops = 1, port = 0, persist, assets, counter } = {}) {
  const owner = (className) => ({ className, scriptName: "pop-0", useSQLite: true });
  const pop = (index) => ({
    name: `pop-${index}`,
    modules: modules(),
    modulesRoot: BUILD,
    compatibilityDate,
    bindings: { EDGE_CONFIG: JSON.stringify(config), EDGE_KEYS: JSON.stringify(keys), CELLS: JSON.stringify(cells) },
    kvNamespaces: { EDGE_KV: "edge" },
    durableObjects: {
      TENANT_LIMITER: counter === "gone" ? { className: "Broken", scriptName: "broken" } : owner("TenantLimiter"),
      CELL_FEED: owner("CellFeed"),
    },
    ratelimits: { SHIELD: { simple: { limit: shield, period: 60 } } },
    unsafeDirectSockets: [{ host: "127.0.0.1", port: index === 0 ? port : 0 }],
    ...(assets && { assets: assetsOf(assets) }),
  });
  const broken = {
    name: "broken",
    modules: [{ type: "ESModule", path: "broken.mjs", contents: BROKEN }],
    compatibilityDate,
    durableObjects: { SELF: { className: "Broken", useSQLite: true } },
  };
  const quiet = { log: new Log(LogLevel.NONE), handleRuntimeStdio: (out, err) => [out, err].forEach((stream) => stream.resume()) };
  return {
    workers: [...Array.from({ length: pops }, (_, index) => pop(index)), ...(counter === "gone" ? [broken] : [])],
    host: "127.0.0.1",
    port: 0,
    ...(persist && { durableObjectsPersist: persist }),
    ...(process.env.EDGE_TEST_LOG ? { log: new Log(LogLevel.VERBOSE) } : quiet),
  };
}

// The worker in front of a cell under a test's control, with limits that nobody reaches unless the test says so.
export async function startWorker(cell, { config = {}, pops = 1, ...more } = {}) {
  const wide = { limit: 10_000_000, window: 60 };
  const edge = {
    home: cell.name,
    trusted: [{ kid: cell.documentKey.kid, x: cell.documentKey.jwk.x }],
    ...config,
    shield: { per_address: wide, anonymous: wide, auth: wide, renewals: wide, alone: wide, ...config.shield },
  };
  const mf = new Miniflare(options(edge, [cell.edgeKey], { [cell.name]: { url: cell.url } }, { pops, ...more }));
  await mf.ready;
  const places = await Promise.all(Array.from({ length: pops }, async (_, index) => ({ port: Number((await mf.unsafeGetDirectURL(`pop-${index}`)).port) })));
  return { mf, port: places[0].port, pops: places, stop: () => mf.dispose() };
}

const assetsOf = (directory) => ({
  directory,
  binding: "ASSETS",
  routerConfig: { invoke_user_worker_ahead_of_assets: true, has_user_worker: true },
  assetConfig: { html_handling: "none", not_found_handling: "none" },
});

export const temporary = (name) => mkdtempSync(join(tmpdir(), `keystead-edge-${name}-`));

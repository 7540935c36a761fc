// Serves the built worker in workerd until its standard input ends: for tests that are not written in JavaScript. EDGE is JSON with
// `config` (EDGE_CONFIG and the keys together, as `keystead edge-config` prints it) and `cells` (names with URLs). Prints the port.
import { Miniflare } from "miniflare";
import { options } from "./harness/worker.mjs";

const { config, cells, port } = JSON.parse(process.env.EDGE);
const places = Object.fromEntries(Object.entries(cells).map(([name, url]) => [name, { url }]));
const mf = new Miniflare(options({ ...config, keys: undefined }, config.keys, places, { port }));
await mf.ready;
console.log((await mf.unsafeGetDirectURL("pop-0")).port);
process.stdin.resume().on("end", async () => {
  await mf.dispose();
  process.exit();
});

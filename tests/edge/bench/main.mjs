// `make bench`, the edge: our worker in workerd, the JavaScript peer that does the same checks in the same workerd, and the native host,
// before one upstream in one run. Prints a table and the goals G17 to G19, and writes edge-bench.json beside what the rest of the bench
// writes. Each measurement is short; of several rounds the one with the least CPU per request is kept. BENCH_SECONDS, BENCH_ROUNDS.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { BUILD } from "../harness/worker.mjs";
import { cpu, firstLine, hasCommand, machine, memory, start, stop } from "./process.mjs";
import { bareWorker, nativeHost, ourWorker, peerWorker, scene as makeScene } from "./sut.mjs";

const SECONDS = Number(process.env.BENCH_SECONDS ?? 3);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);
const CONNECTIONS = 32;
const PORT = Number(process.env.EDGE_BENCH_PORT ?? 23780);
const folder = mkdtempSync(join(tmpdir(), "keystead-edge-bench-"));

const get = (port, { host, path, token }) =>
  new Promise((resolve) => {
    const asked = request({ host: "127.0.0.1", port, path, headers: { host, ...(token && { authorization: `Bearer ${token}` }) }, setHost: false }, (answer) => {
      answer.resume().on("end", () => resolve(answer.statusCode));
    });
    asked.on("error", () => resolve(0));
    asked.end();
  });

const lines = (file) => readFileSync(file, "utf8").trim().split("\n").map((line) => line.split("\t")).map(([host, path, token]) => ({ host, path, token }));

async function up(sut, first) {
  const child = start("edge", sut.command, sut.args, { cwd: sut.cwd, env: sut.env });
  child.stdout.resume();
  for (let turn = 0; turn < 400; turn++) {
    if ((await get(sut.port, first)) === 200) return child;
    await sleep(25);
  }
  await stop(child);
  throw new Error(`${sut.command} does not answer`);
}

function wrk(port, requests, seconds, connections) {
  const args = ["-c", "0", "wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "-s", new URL("requests.lua", import.meta.url).pathname, `http://127.0.0.1:${port}`];
  return new Promise((resolve, reject) => {
    const child = spawn("taskset", args, { env: { ...process.env, BENCH_REQUESTS: requests } });
    let said = "";
    child.stdout.on("data", (part) => (said += part));
    child.on("exit", () => {
      const [, count, micros, p50, p99, errors] = said.match(/^RESULT (\d+) (\d+) (\d+) (\d+) (\d+)$/m) ?? [];
      if (count === undefined) return reject(new Error(said));
      resolve({ count: Number(count), rps: (Number(count) / Number(micros)) * 1e6, p50: p50 / 1000, p99: p99 / 1000, errors: Number(errors) });
    });
  });
}

async function measure(name, sut, requests, upstream) {
  const asked = lines(requests);
  const child = await up(sut, asked[0]);
  try {
    for (const { token, ...more } of asked.slice(0, 20)) if ((await get(sut.port, { token, ...more })) !== 200) throw new Error(`${name}: a good request is refused`);
    const checks = !name.includes("no checks");
    for (const token of checks ? [undefined, "x.y.z", `${asked[0].token.slice(0, -8)}AAAAAAAA`] : []) {
      if ((await get(sut.port, { ...asked[0], token })) !== 401) throw new Error(`${name}: a bad token is let in`);
    }
    // Until every token was seen and the runtime has compiled what is hot.
    await wrk(sut.port, requests, 4, CONNECTIONS);
    const one = await wrk(sut.port, requests, 1, 1);
    const rounds = [];
    for (let round = 0; round < ROUNDS; round++) {
      const before = { own: cpu(child.pid), other: cpu(upstream.pid), machine: machine() };
      const result = await wrk(sut.port, requests, SECONDS, CONNECTIONS);
      const now = machine();
      const own = cpu(child.pid) - before.own;
      // wrk's own share is not known by itself: what is neither edge nor upstream nor idle.
      const rest = now.busy - before.machine.busy - own - (cpu(upstream.pid) - before.other);
      rounds.push({ ...result, cpu: own / result.count, rest: (100 * rest) / (now.all - before.machine.all) });
    }
    const best = rounds.reduce((a, b) => (b.cpu < a.cpu ? b : a));
    return { name, ...best, one, memory: memory(child.pid) };
  } finally {
    await stop(child);
  }
}

// Milliseconds of CPU until the first answer, beyond those of a worker that does nothing.
async function startUp(sut, bare, requests) {
  const once = async (one, first) => {
    const child = await up(one, first);
    const used = cpu(child.pid);
    await stop(child);
    return used;
  };
  const first = lines(requests)[0];
  const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  const [ours, theirs] = [[], []];
  for (let turn = 0; turn < 7; turn++) {
    theirs.push(await once(bare, { ...first, token: undefined }));
    ours.push(await once(sut, first));
  }
  return Math.max(0, median(ours) - median(theirs));
}

const gzipped = (names) => gzipSync(Buffer.concat(names.map((name) => readFileSync(name))), { level: 9 }).length / 1024;

function goal(name, about, value, must, stretch) {
  const verdict = value === undefined ? "-" : value <= stretch ? "met (stretch)" : value <= must ? "met (must)" : "MISSED";
  return { name, about, value, must, stretch, verdict };
}

async function main() {
  if (!hasCommand("wrk") || !hasCommand("taskset")) throw new Error("the edge table needs wrk and taskset");
  const scene = makeScene(folder);
  const upstream = start("rest", process.execPath, [new URL("upstream.mjs", import.meta.url).pathname], { env: { ...process.env, UPSTREAM: JSON.stringify(scene.published) } });
  const rows = [];
  try {
    const port = Number(await firstLine(upstream));
    const { ours, peer, pass } = scene.requests;
    const [bareSut, ourSut, peerSut, nativeSut] = [bareWorker(folder, port, PORT), ourWorker(folder, scene, port, PORT + 1), peerWorker(folder, scene, port, PORT + 2), nativeHost(scene, port, PORT + 3)];
    const add = async (name, sut, requests) => {
      if (!sut) return console.error(`${name}: not here, left out`);
      rows.push(await measure(name, sut, requests, upstream));
    };
    await add("workerd, no checks (JavaScript)", bareSut, pass);
    await add("our worker in workerd, everything on", ourSut, ours);
    await add("hono + jose in workerd, EdDSA + bucket", peerSut, peer);
    await add("our native host, everything on", nativeSut, ours);
    const started = await startUp(ourSut, bareSut, ours);
    const size = gzipped([join(BUILD, "index.js"), join(BUILD, "index_bg.wasm")]);
    report(rows, started, size, readFileSync(join(BUILD, "index_bg.wasm")).length / 1024);
  } finally {
    await stop(upstream);
    rmSync(folder, { recursive: true, force: true });
  }
}

function report(rows, started, size, raw) {
  const row = (part) => rows.find(({ name }) => name.startsWith(part));
  const [bare, ours, peer] = [row("workerd"), row("our worker"), row("hono")];
  const goals = [
    goal("G17", "worker, full check: CPU per request / JavaScript peer", peer && ours.cpu / peer.cpu, 1, 0.75),
    goal("G18", "worker, full check over a passthrough: ms of CPU", ours.cpu - bare.cpu, 0.12, 0.05),
    goal("G19", "bundle, KiB gzipped", size, 400, 200),
    goal("G19", "start-up, ms of CPU", started, 50, 20),
  ];
  const n = (value, digits) => (value === undefined ? "-" : value.toFixed(digits));
  console.log("| path | req/s | p50 / p99 ms | one connection p50 / p99 ms | CPU s/1k | Pss MiB | errors | client and others % |\n|---|---:|---:|---:|---:|---:|---:|---:|");
  for (const r of rows) console.log(`| ${r.name} | ${n(r.rps, 0)} | ${n(r.p50, 2)} / ${n(r.p99, 2)} | ${n(r.one.p50, 2)} / ${n(r.one.p99, 2)} | ${n(r.cpu, 3)} | ${n(r.memory, 0)} | ${r.errors} | ${n(r.rest, 0)} |`);
  console.log(`\nworker: ${n(raw, 0)} KiB of wasm, ${n(size, 0)} KiB gzipped with its JavaScript; ${n(started, 0)} ms of CPU to the first answer\n`);
  console.log("| goal | what | value | must | stretch | |\n|---|---|---:|---:|---:|---|");
  for (const g of goals) console.log(`| ${g.name} | ${g.about} | ${n(g.value, 2)} | ${g.must} | ${g.stretch} | ${g.verdict} |`);
  const target = process.env.CARGO_TARGET_DIR ?? "target";
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, "edge-bench.json"), JSON.stringify({ rows, goals, started, size }, null, 2));
}

await main();

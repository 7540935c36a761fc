// Processes: started on a core, measured by what the kernel says they used, stopped by handle.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import { cpus } from "node:os";
import { createInterface } from "node:readline";

const TICK = 1000 / Number(execFileSync("getconf", ["CLK_TCK"]).toString());
const pinned = cpus().length >= 2;
const [EDGE, REST] = ["1", "0"];

export function start(core, command, args, options = {}) {
  const [program, all] = pinned ? ["taskset", ["-c", core === "edge" ? EDGE : REST, command, ...args]] : [command, args];
  return spawn(program, all, { stdio: ["ignore", "pipe", "inherit"], ...options });
}

export async function stop(child) {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const hard = setTimeout(() => child.kill("SIGKILL"), 3_000);
  await gone;
  clearTimeout(hard);
}

export async function firstLine(child) {
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error("it said nothing");
}

// Milliseconds of CPU that a process with its threads has used.
export function cpu(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK;
}

// MiB that a process holds, shared pages by share.
export function memory(pid) {
  const [, pss] = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8").match(/^Pss:\s+(\d+)/m);
  return Number(pss) / 1024;
}

// The share of the machine that others used between two looks, in per cent.
export function machine() {
  const [, ...fields] = readFileSync("/proc/stat", "utf8").split("\n")[0].trim().split(/\s+/).map(Number);
  const all = fields.slice(0, 8).reduce((a, b) => a + b, 0);
  return { all: all * TICK, busy: (all - fields[3] - fields[4]) * TICK };
}

export const hasCommand = (name) => (process.env.PATH ?? "").split(":").some((folder) => { try { return readdirSync(folder).includes(name); } catch { return false; } });

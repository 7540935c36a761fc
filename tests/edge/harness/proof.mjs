// Figures as `make prove` collects them; see tests/proofs.
import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";

export const deep = process.env.KEYSTEAD_PROOF === "full";
const seed = Number(process.env.KEYSTEAD_PROOF_SEED ?? Math.floor(Math.random() * 2 ** 32));

function report(suite, figure, value, threshold, pass) {
  const line = { suite, figure, value, threshold, pass, seed };
  console.log(`${suite} ${figure} ${Math.round(value * 1000) / 1000} ${threshold} ${pass ? "pass" : "fail"} ${seed}`);
  if (process.env.KEYSTEAD_PROOF_LOG) appendFileSync(process.env.KEYSTEAD_PROOF_LOG, `${JSON.stringify(line)}\n`);
  assert.ok(pass, `${suite} ${figure}: ${value}, wanted ${threshold}`);
}

export const exactly = (suite, figure, value, wanted) => report(suite, figure, value, `=${wanted}`, value === wanted);
export const atMost = (suite, figure, value, limit) => report(suite, figure, value, `<=${limit}`, value <= limit);
export const atLeast = (suite, figure, value, limit) => report(suite, figure, value, `>=${limit}`, value >= limit);
export const note = (suite, figure, value) => report(suite, figure, value, "-", true);

// Repeatable random numbers (mulberry32).
export function random() {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

const FILE = resolve(import.meta.dirname, 'results/figures.json');
const known: Record<string, Record<string, number>> = {};

/** Prints a figure in one line, and writes all there are by now beside the pictures of what failed. */
export function figure(what: string, values: Record<string, number>): void {
  const rounded = Object.entries(values).map(([name, value]) => [name, Math.round(value * 10) / 10] as const);
  console.log(`${what.padEnd(36)} ${rounded.map(([name, value]) => `${name} ${value}`).join(', ')}`);
  known[what] = Object.fromEntries(rounded);
  mkdirSync(resolve(FILE, '..'), { recursive: true });
  writeFileSync(FILE, `${JSON.stringify(known, null, 2)}\n`);
}

/** The middle one, or what stands so far up as `part` says. */
export function quantile(values: number[], part = 0.5): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

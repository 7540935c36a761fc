import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LOGS = ['keystead.log', 'keystead-edge.log'];
const LINES = 15;
/** What server and edge tell each other every second. */
const TALK = '"route":"/edge/';

function tail(path: string): string {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return lines
    .filter((line) => !line.includes(TALK))
    .slice(-LINES)
    .join('\n');
}

/** The ends of the platform's logs. */
export function tails(state: string): string {
  return LOGS.map((name) => join(state, name))
    .filter((path) => existsSync(path))
    .map((path) => `--- ${path}\n${tail(path)}`)
    .join('\n');
}

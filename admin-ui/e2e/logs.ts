import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LOGS = ['keystead.log', 'keystead-edge.log'];
const LINES = 15;

/** The ends of the platform's logs. */
export function tails(state: string): string {
  return LOGS.map((name) => join(state, name))
    .filter((path) => existsSync(path))
    .map((path) => `--- ${path}\n${readFileSync(path, 'utf8').trimEnd().split('\n').slice(-LINES).join('\n')}`)
    .join('\n');
}

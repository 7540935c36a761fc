import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type BrowserServer } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--no-proxy-server',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-dev-shm-usage',
  '--disable-sync',
];

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

function chromiumPath(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const installed = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const known = [process.env['CHROMIUM'], ...installed, chromium.executablePath()];
  const found = known.find((path) => path && existsSync(path));
  if (!found) throw new Error('no browser: `make ui-browser` installs one, or name one in CHROMIUM');
  return found;
}

/** One browser for all flows; each flow has a context of its own in it. */
export function startBrowser(): Promise<BrowserServer> {
  return chromium.launchServer({ executablePath: chromiumPath(), args: FLAGS, timeout: 120_000 });
}

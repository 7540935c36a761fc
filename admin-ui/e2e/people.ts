import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, afterEach, expect, inject } from 'vitest';
import { mailed } from './mailbox';

/** The sizes that every flow is seen in. */
export const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;
export type Size = keyof typeof SIZES;
export type Theme = 'light' | 'dark';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function chromiumPath(): string {
  const known = [
    process.env['CHROMIUM'],
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    chromium.executablePath(),
  ];
  const found = known.find((path) => path && existsSync(path));
  if (!found) throw new Error('no browser: apt-get install chromium, or name one in CHROMIUM');
  return found;
}

let browser: Browser | undefined;
const open: BrowserContext[] = [];
/** What no flow may see: script errors, violations of the policy, requests to other hosts. */
let faults: string[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((context) => context.close()));
  const seen = faults;
  faults = [];
  expect(seen).toEqual([]);
});
afterAll(async () => {
  await browser?.close();
  browser = undefined;
});

export interface Options {
  size?: Size;
  theme?: Theme;
  locale?: string;
}

/** A browser window of its own, without cookies, on a host. */
export async function windowOn(
  host: string,
  { size = 'desktop', theme = 'light', locale = 'en-US' }: Options = {},
): Promise<Page> {
  browser ??= await chromium.launch({ executablePath: chromiumPath(), args: FLAGS });
  const { port } = inject('platform');
  const context = await browser.newContext({
    baseURL: `http://${host}:${port}`,
    viewport: SIZES[size],
    hasTouch: size === 'phone',
    isMobile: size === 'phone',
    colorScheme: theme,
    locale,
    timezoneId: 'America/Los_Angeles',
    reducedMotion: 'reduce',
  });
  open.push(context);
  const page = await context.newPage();
  watch(page);
  return page;
}

function watch(page: Page): void {
  const files = /^(blob|data):/;
  page.on('pageerror', (error) => faults.push(`script: ${error.message}`));
  page.on('console', (message) => {
    const text = message.text();
    // A refusal of the API is an answer that the flows ask for.
    if (message.type() === 'error' && !text.startsWith('Failed to load resource')) faults.push(`console: ${text}`);
  });
  page.on('request', (request) => {
    const url = request.url();
    const { hostname } = new URL(url);
    if (!files.test(url) && hostname !== '127.0.0.1' && !/(^|\.)localhost$/.test(hostname))
      faults.push(`foreign: ${url}`);
  });
}

export type Role = 'admin' | 'agent' | 'escrow' | 'vp' | 'viewer';

/** Somebody of the demo builder, signed in. */
export async function member(role: Role, options?: Options): Promise<Page> {
  const page = await windowOn('demo.localhost', options);
  await signIn(page, `${role}@demo.test`, inject('platform').demoPassword);
  return page;
}

/** An operator of the platform, signed in to the console. */
export async function operator(options?: Options): Promise<Page> {
  const page = await windowOn('console.localhost', options);
  await signIn(page, 'operator@keystead.test', inject('platform').operatorPassword);
  return page;
}

export async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel(/E-mail|Correo/).fill(email);
  await page.getByRole('textbox', { name: /Password|Contraseña/ }).fill(password);
  await page.getByRole('button', { name: /^(Sign in|Iniciar sesión)$/ }).click();
  await page.getByRole('navigation').first().waitFor();
}

/** The path, and what follows, of the link in a mail to an address: the mail names another port. */
export async function mailedPath(to: string, path: string): Promise<string> {
  const [link] = await mailed(inject('platform').mailbox, to, new RegExp(`https?://\\S*${path}\\S*`));
  const url = new URL(link);
  return url.pathname + url.search + url.hash;
}

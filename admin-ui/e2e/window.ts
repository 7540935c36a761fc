import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterEach, expect, inject } from 'vitest';
import type { Entrance } from './api';
import { tails } from './logs';
import { watch } from './watch';

/** The sizes that every flow is seen in. */
export const SIZES = { desktop: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;
export type Size = keyof typeof SIZES;
export type Theme = 'light' | 'dark';

export interface Options {
  size?: Size;
  theme?: Theme;
  locale?: string;
  /** Another than the flows share. */
  platform?: Entrance;
}

const RESULTS = resolve(import.meta.dirname, 'results');

let browser: Browser | undefined;
const open: { context: BrowserContext; platform: Entrance }[] = [];
let faults: string[] = [];

afterEach(async ({ task }) => {
  const failed = task.result?.state === 'fail' || faults.length > 0;
  if (failed) await show(task.name);
  await Promise.all(open.splice(0).map(({ context }) => context.close()));
  const seen = faults;
  faults = [];
  expect(seen, 'what the browser complained about').toEqual([]);
});

/** A browser window of its own, without cookies, on a host. */
export async function windowOn(
  host: string,
  { size = 'desktop', theme = 'light', locale = 'en-US', platform = inject('platform') }: Options = {},
): Promise<Page> {
  browser ??= await chromium.connect(inject('platform').browser);
  const context = await browser.newContext({
    baseURL: `http://${host}:${platform.port}`,
    viewport: SIZES[size],
    hasTouch: size === 'phone',
    isMobile: size === 'phone',
    colorScheme: theme,
    locale,
    timezoneId: 'America/Los_Angeles',
    reducedMotion: 'reduce',
  });
  open.push({ context, platform });
  await watch(context, platform, (fault) => faults.push(fault));
  return context.newPage();
}

/** Says what a flow that failed looked like: every window's picture, and the ends of the platform's logs. */
async function show(test: string): Promise<void> {
  mkdirSync(RESULTS, { recursive: true });
  const name = test.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  const pages = open.flatMap(({ context }) => context.pages());
  for (const [place, page] of pages.entries()) {
    const path = `${RESULTS}/${name}-${place + 1}.png`;
    await page.screenshot({ path, timeout: 10_000 }).catch(() => undefined);
    console.error(`${test}: ${page.url()} looked like ${path}`);
  }
  for (const state of new Set(open.map(({ platform }) => platform.state))) console.error(tails(state));
}

import type { TestProject } from 'vitest/node';
import type { Entrance } from './api';
import { startBrowser } from './browser';
import { furnish, type Furnished } from './furnish';
import { startPlatform } from './platform';

/** What the flows need to know of the platform and the browser that run for them. */
export interface Platform extends Entrance {
  records: Furnished;
  /** Where the browser listens for whoever drives it. */
  browser: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    platform: Platform;
  }
}

/** vitest's global set-up: platform, records and browser, once for all flows. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const began = Date.now();
  const { stop, ...entrance } = await startPlatform();
  try {
    const [records, browser] = await Promise.all([furnish(entrance), startBrowser()]);
    project.provide('platform', { ...entrance, records, browser: browser.wsEndpoint() });
    console.log(`platform and browser started in ${((Date.now() - began) / 1000).toFixed(1)} s`);
    return async () => {
      await browser.close();
      await stop();
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

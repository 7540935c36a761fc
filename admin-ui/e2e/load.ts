import type { Page } from 'playwright-core';
import { quantile } from './figures';

const ROUNDS = 5;

/** What a reload took. */
export interface Load {
  /** Of these, some are answered by the browser's cache. */
  calls: number;
  networkCalls: number;
  apiCalls: number;
  kilobytes: number;
  scriptKilobytes: number;
  /** Until the screen shows what it is about, since the navigation began; looked for at every frame. */
  shownMs: number;
  lcpMs: number;
}

interface Watched {
  shown: number;
  lcp: number;
}

/** From the next load on, the page notes when it shows what `selector` means, and what painted last and largest. */
async function watchLoads(page: Page, selector: string): Promise<void> {
  await page.addInitScript((selector) => {
    const watched = Object.assign(window as unknown as Watched, { shown: 0, lcp: 0 });
    const look = () => {
      if (document.querySelector(selector)) watched.shown = performance.now();
      else requestAnimationFrame(look);
    };
    look();
    new PerformanceObserver((list) => {
      watched.lcp = list.getEntries().at(-1)?.startTime ?? 0;
    }).observe({ type: 'largest-contentful-paint', buffered: true });
  }, selector);
}

function lookBack(page: Page): Promise<Load> {
  return page.evaluate(() => {
    const { shown, lcp } = window as unknown as Watched;
    const entries = ['navigation', 'resource'].flatMap(
      (type) => performance.getEntriesByType(type) as PerformanceResourceTiming[],
    );
    const sum = (of: PerformanceResourceTiming[]) =>
      of.reduce((total, { transferSize }) => total + transferSize, 0) / 1000;
    return {
      calls: entries.length,
      networkCalls: entries.filter(({ transferSize }) => transferSize > 0).length,
      apiCalls: entries.filter(({ name }) => new URL(name).pathname.startsWith('/v1/')).length,
      kilobytes: sum(entries),
      scriptKilobytes: sum(entries.filter(({ name }) => name.endsWith('.js'))),
      shownMs: shown,
      lcpMs: lcp,
    };
  });
}

/** The medians of some reloads of a page; `cold` without the browser's cache. */
export async function reloads(page: Page, path: string, selector: string, cold = false): Promise<Load> {
  await page.goto(path);
  await page.locator(selector).first().waitFor({ state: 'attached' });
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: cold });
  await watchLoads(page, selector);
  const rounds: Load[] = [];
  while (rounds.length < ROUNDS) {
    await page.reload({ waitUntil: 'networkidle' });
    await page.waitForFunction(() => (window as unknown as Watched).shown > 0);
    rounds.push(await lookBack(page));
  }
  const median = (field: keyof Load) => quantile(rounds.map((load) => load[field]));
  return {
    calls: median('calls'),
    networkCalls: median('networkCalls'),
    apiCalls: median('apiCalls'),
    kilobytes: median('kilobytes'),
    scriptKilobytes: median('scriptKilobytes'),
    shownMs: median('shownMs'),
    lcpMs: median('lcpMs'),
  };
}

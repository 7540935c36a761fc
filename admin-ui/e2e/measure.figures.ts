import type { Page } from 'playwright-core';
import { inject, it } from 'vitest';
import { member } from './people';

const ROUNDS = 5;

interface Load {
  calls: number;
  kilobytes: number;
  scriptKilobytes: number;
  /** Until the screen shows what it is about, since the navigation began. */
  shownMs: number;
  lcpMs: number;
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Loads a page that is shown already once more, as a reload does. */
async function reload(page: Page, shows: string): Promise<Load> {
  await page.addInitScript(() => {
    Object.assign(window, { lcp: 0 });
    new PerformanceObserver((list) => Object.assign(window, { lcp: list.getEntries().at(-1)?.startTime })).observe({
      type: 'largest-contentful-paint',
      buffered: true,
    });
  });
  await page.reload({ waitUntil: 'commit' });
  await page.locator(shows).first().waitFor();
  const shownMs = await page.evaluate(() => performance.now());
  await page.waitForLoadState('networkidle');
  return page.evaluate((shownMs) => {
    const entries = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
    const sum = (of: PerformanceResourceTiming[]) =>
      of.reduce((total, { transferSize }) => total + transferSize, 0) / 1000;
    return {
      calls: entries.length + 1,
      kilobytes: sum(entries),
      scriptKilobytes: sum(entries.filter(({ name }) => name.includes('.js'))),
      shownMs,
      lcpMs: (window as unknown as { lcp: number }).lcp,
    };
  }, shownMs);
}

const say = (what: string, figures: Record<string, number>) =>
  console.log(
    `${what.padEnd(34)} ${Object.entries(figures)
      .map(([name, value]) => `${name} ${Math.round(value)}`)
      .join(', ')}`,
  );

async function loads(what: string, path: string, shows: string, options: { cold: boolean }): Promise<void> {
  const page = await member('vp');
  await page.goto(path);
  await page.locator(shows).first().waitFor();
  const session = await page.context().newCDPSession(page);
  await session.send('Network.setCacheDisabled', { cacheDisabled: options.cold });
  const rounds: Load[] = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await reload(page, shows));
  const of = (field: keyof Load) => median(rounds.map((load) => load[field]));
  say(what, {
    calls: of('calls'),
    kB: of('kilobytes'),
    'kB of script': of('scriptKilobytes'),
    'shown ms': of('shownMs'),
    'LCP ms': of('lcpMs'),
  });
}

const ROW =
  '[role="grid"] [role="row"]:nth-child(3), [role="rowgroup"] [role="row"] [role="gridcell"]:not(:has(.skeleton))';

it('loads', async () => {
  await loads('contacts, reload', '/contacts', ROW, { cold: false });
  await loads('contacts, reload without cache', '/contacts', ROW, { cold: true });
  await loads('homes, reload', '/homes', ROW, { cold: false });
  await loads('contracts, reload', '/contracts', ROW, { cold: false });
  await loads('dashboard, reload', '/', 'text=Homes by status', { cold: false });
  await loads('contract, reload', `/contracts/${inject('platform').records.approved}`, 'text=Timeline', {
    cold: false,
  });
}, 300_000);

/** From the key or the click to the next frame that shows its effect (Event Timing), the slowest of each kind. */
it('interactions', async () => {
  const page = await member('vp');
  await page.addInitScript(() => {
    const slowest: Record<string, number> = {};
    Object.assign(window, { slowest });
    new PerformanceObserver((list) => {
      for (const { name, duration } of list.getEntries()) slowest[name] = Math.max(slowest[name] ?? 0, duration);
    }).observe({ type: 'event', buffered: true, durationThreshold: 16 } as PerformanceObserverInit);
  });
  await page.goto('/homes');
  await page.locator(ROW).first().waitFor();
  for (let step = 0; step < 30; step += 1) await page.keyboard.press('j');
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill('120');
  await page.getByRole('option').first().waitFor();
  await page.keyboard.press('Escape');
  for (const view of ['Board', 'Grid', 'Table']) {
    await page.getByText(view, { exact: true }).first().click();
    await page.getByText('1101').first().waitFor();
  }
  for (const link of ['Contracts', 'Projects', 'Dashboard', 'Homes']) {
    await page.getByRole('navigation').getByRole('link', { name: link }).click();
    await page.getByRole('heading', { level: 1, name: link }).waitFor();
  }
  say(
    'slowest interaction, ms',
    await page.evaluate(() => (window as unknown as { slowest: Record<string, number> }).slowest),
  );
}, 120_000);

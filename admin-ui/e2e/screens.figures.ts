import type { Page } from 'playwright-core';
import { inject, it } from 'vitest';
import { figure, quantile } from './figures';
import { firstContract } from './firstContract';
import { reloads } from './load';
import { member } from './people';

const ROW = '[role="grid"] [role="row"] [role="gridcell"]:not(:has(.skeleton))';

it('first contract by a new builder', async () => {
  figure('first contract', { ...(await firstContract('quay')) });
});

it('loads', async () => {
  const { approved } = inject('platform').records;
  const screens = [
    ['dashboard', '/', 'dl dd'],
    ['homes', '/homes', ROW],
    ['contacts', '/contacts', ROW],
    ['contracts', '/contracts', ROW],
    ['contract', `/contracts/${approved}`, 'main ol li[data-tone]'],
  ] as const;
  const page = await member('vp');
  for (const [name, path, shows] of screens) {
    figure(`${name}, reload`, { ...(await reloads(page, path, shows)) });
  }
  figure('contacts, reload without cache', { ...(await reloads(page, '/contacts', ROW, true)) });
}, 300_000);

interface Interactions {
  interactions: Map<number, number>;
}

/** Interaction to next paint, by the Event Timing API: of each press or click, the longest of its events. */
async function watchInteractions(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const { interactions } = Object.assign(window as unknown as Interactions, { interactions: new Map() });
    new PerformanceObserver((list) => {
      for (const { interactionId, duration } of list.getEntries() as (PerformanceEntry & { interactionId: number })[]) {
        if (interactionId) interactions.set(interactionId, Math.max(interactions.get(interactionId) ?? 0, duration));
      }
    }).observe({ type: 'event', buffered: true, durationThreshold: 16 } as PerformanceObserverInit);
  });
}

it('interactions', async () => {
  const page = await member('vp');
  await watchInteractions(page);
  await page.goto('/homes');
  await page.locator(ROW).first().waitFor();
  for (let step = 0; step < 30; step += 1) await page.keyboard.press('j');
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('combobox').pressSequentially('1201');
  await page.getByRole('option', { name: /1201/ }).first().waitFor();
  await page.keyboard.press('Escape');
  for (const view of ['Board', 'Grid', 'Table']) {
    await page.getByText(view, { exact: true }).first().click();
    await page.getByText('1101').first().waitFor();
  }
  for (const link of ['Contracts', 'Projects', 'Dashboard', 'Homes']) {
    await page.getByRole('navigation').getByRole('link', { name: link }).click();
    await page.getByRole('heading', { level: 1, name: link }).waitFor();
  }
  const took = await page.evaluate(() => [...(window as unknown as Interactions).interactions.values()]);
  figure('interaction to next paint, ms', {
    interactions: took.length,
    median: quantile(took),
    p95: quantile(took, 0.95),
    slowest: Math.max(...took),
  });
}, 120_000);

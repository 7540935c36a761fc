import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { gather, RARE } from './crowd';
import { figure } from './figures';
import { reloads } from './load';
import { member } from './people';

const CONTACTS = Number(process.env['KEYSTEAD_CONTACTS'] ?? 100_000);
const PAGE = 100;
/** What fits into the window, and what stands ready above and below. */
const ROWS_AT_MOST = 80;
const ROW = '[role="grid"] [role="row"] [role="gridcell"]:not(:has(.skeleton))';

/** Notes what is asked of the contacts' list. */
function asked(page: Page): () => number {
  let count = 0;
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/v1/contacts') count += 1;
  });
  return () => {
    const since = count;
    count = 0;
    return since;
  };
}

const rowsIn = (page: Page) => page.locator('[role="rowgroup"] [role="row"]').count();

async function since<T>(work: () => Promise<T>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

it(`a list of ${CONTACTS} contacts loads what it shows, and no more`, async () => {
  const began = performance.now();
  const others = await gather(CONTACTS);
  figure('contacts made', { contacts: CONTACTS, seconds: (performance.now() - began) / 1000 });

  const page = await member('vp');
  const requests = asked(page);
  figure(`${CONTACTS} contacts, reload`, { ...(await reloads(page, '/contacts', ROW)) });
  requests();
  await page.reload();
  await page.locator(ROW).first().waitFor();
  await page.waitForLoadState('networkidle');
  const first = { rows: await rowsIn(page), requests: requests() };
  expect(first.rows).toBeLessThan(ROWS_AT_MOST);
  expect(first.requests).toBe(1);

  const grid = page.getByRole('grid');
  const most = { rows: 0 };
  const scrolled = await since(async () => {
    for (let step = 0; step < 40; step += 1) {
      await grid.hover();
      await page.mouse.wheel(0, 600);
      await expect.poll(() => page.locator('[role="rowgroup"] .skeleton').count()).toBe(0);
      most.rows = Math.max(most.rows, await rowsIn(page));
    }
  });
  const reached = await grid.locator('[role="row"]').last().getAttribute('aria-rowindex');
  const pages = requests();
  expect(most.rows).toBeLessThan(ROWS_AT_MOST);
  expect(pages).toBeLessThanOrEqual(Math.ceil(Number(reached) / PAGE) + 1);
  figure(`${CONTACTS} contacts, scrolled`, {
    'rows passed': Number(reached),
    'rows in the page at most': most.rows,
    requests: pages,
    'ms a step': scrolled / 40,
  });

  const found = await since(async () => {
    await page.getByRole('textbox', { name: 'Search contacts' }).fill(RARE);
    await page.getByText('1 row', { exact: true }).waitFor();
  });
  figure(`${CONTACTS} contacts, one found by name`, { ms: found, requests: requests() });
  await page.getByRole('textbox', { name: 'Search contacts' }).fill('');
  await page.locator(ROW).nth(8).waitFor();
  requests();
  const filtered = await since(async () => {
    await page.getByRole('combobox', { name: 'Project' }).selectOption({ label: 'Harbor' });
    await page.getByText(`${others.contacts} rows`, { exact: true }).waitFor();
  });
  figure(`${CONTACTS} contacts, filtered by project`, { ms: filtered, requests: requests() });
}, 3_600_000);

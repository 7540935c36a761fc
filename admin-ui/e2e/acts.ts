import type { Download, Locator, Page, Route } from 'playwright-core';
import { expect } from 'vitest';
import type { Size } from './window';

/** Answers the dialog that asks. */
export const confirm = (page: Page, name: string | RegExp) =>
  page
    .getByRole('dialog')
    .getByRole('button', { name, exact: typeof name === 'string' })
    .click();

/** Opens the palette: by its key, or on a phone from the bar at the bottom. */
async function openPalette(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  const more = page.getByRole('navigation').getByRole('button', { name: 'More' });
  if (await more.isVisible()) {
    await more.click();
    await page.getByRole('button', { name: 'Search or run a command' }).click();
  } else {
    await page.keyboard.press('Control+k');
  }
}

/** Jumps to a record as people do: by the palette. */
export async function jump(page: Page, text: string, option: RegExp): Promise<void> {
  await openPalette(page);
  await page.getByRole('dialog').getByRole('combobox').fill(text);
  await page.getByRole('option', { name: option }).first().click();
}

/** A finger's width. */
const FINGER = 44;

/** On a phone what a bar offers is for fingers, and the bar covers none of the rows that it is about. */
export async function atHand(page: Page, bar: Locator, size: Size): Promise<void> {
  if (size !== 'phone') return bar.waitFor();
  for (const button of await bar.getByRole('button').all()) {
    const { width, height } = (await button.boundingBox())!;
    expect([width >= FINGER, height >= FINGER], await button.innerText()).toEqual([true, true]);
  }
  const [rows, over] = [await page.getByRole('grid').boundingBox(), await bar.boundingBox()];
  expect(over!.y).toBeGreaterThanOrEqual(rows!.y + rows!.height);
}

/** Holds requests to a path back until they are let go: what is on screen by then, the server did not say. */
export async function hold(page: Page, path: string): Promise<() => Promise<void>> {
  const held: Route[] = [];
  await page.route(path, (route) => void held.push(route));
  return async () => {
    await Promise.all(held.map((route) => route.continue()));
    await page.unroute(path);
  };
}

/** What was downloaded; the browser may run elsewhere. */
export async function contentOf(download: Download): Promise<Buffer> {
  return Buffer.concat((await (await download.createReadStream()).toArray()) as Buffer[]);
}

export const textOf = async (download: Download) => (await contentOf(download)).toString('utf8');

import type { Download, Page, Route } from 'playwright-core';

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

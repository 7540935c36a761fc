import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { it } from 'vitest';
import type { Size, Theme } from './window';
import { SCREENS } from './screens';
import { openScreen, windowOf } from './seen';

const FOLDER = resolve(import.meta.dirname, '../../docs/images');

/** What the README shows: a screen, how it is seen, and the file. */
const PICTURES: [screen: string, size: Size, theme: Theme, file: string][] = [
  ['dashboard', 'desktop', 'light', 'ui-dashboard'],
  ['homes', 'desktop', 'light', 'ui-homes'],
  ['homes-board', 'desktop', 'light', 'ui-board'],
  ['homes-grid', 'desktop', 'dark', 'ui-grid-dark'],
  ['home', 'desktop', 'light', 'ui-home'],
  ['contracts', 'desktop', 'light', 'ui-contracts'],
  ['contract', 'desktop', 'dark', 'ui-contract-dark'],
  ['contact', 'desktop', 'light', 'ui-contact'],
  ['audit', 'desktop', 'light', 'ui-audit'],
  ['members', 'desktop', 'light', 'ui-members'],
  ['import', 'desktop', 'light', 'ui-import'],
  ['welcome', 'desktop', 'light', 'ui-welcome'],
  ['console-tenants', 'desktop', 'light', 'ui-console'],
  ['homes', 'phone', 'light', 'ui-phone-homes'],
  ['contract', 'phone', 'light', 'ui-phone-contract'],
  ['dashboard', 'phone', 'dark', 'ui-phone-dashboard-dark'],
];

const known = PICTURES.filter(([name]) => SCREENS.some((screen) => screen.name === name));

it.each(known)('%s on a %s in the %s', async (name, size, theme, file) => {
  const screen = SCREENS.find((screen) => screen.name === name)!;
  const page = await windowOf(screen, { size, theme });
  await openScreen(page, screen);
  await page.evaluate(() => document.fonts.ready);
  mkdirSync(FOLDER, { recursive: true });
  await page.screenshot({ path: `${FOLDER}/${file}.png` });
});

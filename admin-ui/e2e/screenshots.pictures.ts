import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { it } from 'vitest';
import { SCREENS } from './screens';
import { openScreen, windowOf } from './seen';
import { dress } from './showroom';
import type { Size, Theme } from './window';

const FOLDER = resolve(import.meta.dirname, '../../docs/images');

/** A screen, how it is seen, and the file. */
const PICTURES: [screen: string, size: Size, theme: Theme, file: string][] = [
  ['dashboard', 'desktop', 'light', 'ui-dashboard'],
  ['homes', 'desktop', 'light', 'ui-homes'],
  ['homes-board', 'desktop', 'light', 'ui-board'],
  ['homes-grid', 'desktop', 'dark', 'ui-grid-dark'],
  ['home', 'desktop', 'light', 'ui-home'],
  ['contacts', 'desktop', 'light', 'ui-contacts'],
  ['contacts', 'desktop', 'dark', 'ui-contacts-dark'],
  ['contracts', 'desktop', 'light', 'ui-contracts'],
  ['contract', 'desktop', 'dark', 'ui-contract-dark'],
  ['contact', 'desktop', 'light', 'ui-contact'],
  ['new-contract', 'desktop', 'light', 'ui-new-contract'],
  ['audit', 'desktop', 'light', 'ui-audit'],
  ['members', 'desktop', 'light', 'ui-members'],
  ['import', 'desktop', 'light', 'ui-import'],
  ['welcome', 'desktop', 'light', 'ui-welcome'],
  ['console', 'desktop', 'light', 'ui-console'],
  ['console-tenants', 'desktop', 'dark', 'ui-console-tenants-dark'],
  ['console-tenant', 'desktop', 'light', 'ui-console-tenant'],
  ['dashboard', 'phone', 'dark', 'ui-phone-dashboard-dark'],
  ['homes', 'phone', 'light', 'ui-phone-homes'],
  ['homes-board', 'phone', 'light', 'ui-phone-board'],
  ['contacts', 'phone', 'light', 'ui-phone-contacts'],
  ['contract', 'phone', 'light', 'ui-phone-contract'],
  ['new-contract', 'phone', 'dark', 'ui-phone-new-contract-dark'],
  ['console', 'phone', 'light', 'ui-phone-console'],
];

it('there is something to see', dress);

it.each(PICTURES)('%s on a %s in the %s', async (name, size, theme, file) => {
  const screen = SCREENS.find((screen) => screen.name === name);
  if (!screen) throw new Error(`there is no screen ${name}`);
  const page = await windowOf(screen, { size, theme });
  await openScreen(page, screen);
  await page.waitForLoadState('networkidle');
  await page.evaluate(() => document.fonts.ready);
  mkdirSync(FOLDER, { recursive: true });
  await page.screenshot({ path: `${FOLDER}/${file}.png` });
});

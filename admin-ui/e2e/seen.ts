import type { Page } from 'playwright-core';
import { inject } from 'vitest';
import { member, operator } from './people';
import { windowOn, type Options } from './window';
import type { Screen } from './screens';

/** A window of whoever looks at a screen. */
export function windowOf({ who, host }: Pick<Screen, 'who' | 'host'>, options: Options): Promise<Page> {
  if (who === 'nobody') return windowOn(host ?? 'localhost', options);
  return who === 'operator' ? operator(options) : member(who, options);
}

/** Opens a screen and waits until it shows what it is about. */
export async function openScreen(page: Page, screen: Screen): Promise<void> {
  await page.goto(screen.path(inject('platform').records));
  await page.getByText(screen.shows).filter({ visible: true }).first().waitFor();
  await page.locator('.skeleton').first().waitFor({ state: 'detached' });
}

import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Size, Theme } from './people';
import { SCREENS, type Screen } from './screens';
import { openScreen, windowOf } from './seen';

const RULES = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };

/** What axe says against a page: the rule, and where. */
async function violations(page: Page): Promise<string[]> {
  // Through the debugger: the policy lets no other script in.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(
    (rules) => (window as unknown as { axe: typeof axe }).axe.run(document, rules),
    RULES,
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary}`),
  );
}

/** Is the page wider than the window? */
function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}

const viewers = [...new Set(SCREENS.map(({ who, host }) => `${who} ${host ?? ''}`))];
const screensOf = (viewer: string) => SCREENS.filter(({ who, host }) => `${who} ${host ?? ''}` === viewer);

/** All screens of one person in one window: signing in is not what this is about. */
async function look(screens: Screen[], theme: Theme, size: Size): Promise<string[]> {
  const found: string[] = [];
  const page = await windowOf(screens[0]!, { theme, size });
  for (const screen of screens) {
    await openScreen(page, screen);
    found.push(...(await violations(page)).map((fault) => `${screen.name}: ${fault}`));
    if ((await overflow(page)) > 0) found.push(`${screen.name}: wider than the window`);
  }
  return found;
}

describe.each([
  ['light', 'desktop'],
  ['dark', 'desktop'],
  ['light', 'phone'],
] as const)("nothing stands in anybody's way (%s, %s)", (theme, size) => {
  it.each(viewers)('%s', async (viewer) => {
    expect(await look(screensOf(viewer), theme, size)).toEqual([]);
  });
});

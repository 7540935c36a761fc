import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { SCREENS, type Screen } from './screens';
import { openScreen, windowOf } from './seen';
import type { Size, Theme } from './window';

const RULES: axe.RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
};

/** Colours that fade in are judged when they are there. */
async function atRest(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
    const ending = document.getAnimations().filter(({ effect }) => effect?.getTiming().iterations !== Infinity);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
}

/** What axe says against a page in a theme: the rule, and where. */
async function violations(page: Page, theme: Theme): Promise<string[]> {
  await page.emulateMedia({ colorScheme: theme });
  await page.locator(`html[data-mantine-color-scheme=${theme}]`).waitFor();
  await atRest(page);
  const found = await page.evaluate(
    async (rules) => (await (window as unknown as { axe: typeof axe }).axe.run(document, rules)).violations,
    RULES,
  );
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${theme}: ${id} at ${target.join(' ')}: ${failureSummary}`),
  );
}

/** Is the page wider than the window? */
function isTooWide(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
}

/** Is the navigation of a signed-in person within reach? */
function isLost(page: Page): Promise<boolean> {
  return page.evaluate(() =>
    [...document.querySelectorAll('nav')].some((nav) => nav.getBoundingClientRect().bottom > window.innerHeight + 1),
  );
}

/** Is less of the title shown than there is? */
function isCut(page: Page): Promise<boolean> {
  return page.evaluate(() =>
    [...document.querySelectorAll('h1')].some((title) => title.scrollWidth > title.clientWidth),
  );
}

async function faultsOf(page: Page): Promise<string[]> {
  // Through the debugger: the policy lets no other script in.
  await page.evaluate(axe.source);
  const found = [...(await violations(page, 'light')), ...(await violations(page, 'dark'))];
  if (await isTooWide(page)) found.push('wider than the window');
  if (await isLost(page)) found.push('the navigation is below the window');
  if (await isCut(page)) found.push('its title is cut');
  return found;
}

const viewerOf = ({ who, host }: Screen) => (host ? `${who} on ${host}` : who);
const viewers = [...new Set(SCREENS.map(viewerOf))];

/** Every screen in both themes; those of one person in one window, because signing in is not what this is about. */
export function nothingStandsInTheWay(size: Size): void {
  describe(`nothing stands in anybody's way, light and dark, on a ${size}`, () => {
    it.each(viewers)('%s', async (viewer) => {
      const screens = SCREENS.filter((screen) => viewerOf(screen) === viewer);
      const page = await windowOf(screens[0]!, { size });
      const found: string[] = [];
      for (const screen of screens) {
        await openScreen(page, screen);
        found.push(...(await faultsOf(page)).map((fault) => `${screen.name}, ${fault}`));
      }
      expect(found).toEqual([]);
    });
  });
}

import type { Page } from 'playwright-core';
import { describe, expect, inject, it } from 'vitest';
import { member } from './people';
import type { Size } from './window';

const confirm = (page: Page, name: string | RegExp) => page.getByRole('dialog').getByRole('button', { name }).click();

/** Jumps to a record as people do: by the palette. */
async function jump(page: Page, text: string, option: RegExp): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').fill(text);
  await page.getByRole('option', { name: option }).first().waitFor();
  await page.getByRole('option', { name: option }).first().click();
}

describe.each(['desktop', 'phone'] as const)('%s', (size: Size) => {
  // Each size sells a home of its own.
  const number = size === 'desktop' ? '3301' : '3302';

  it('a sales agent finds a home, drafts its contract with a new buyer and submits it', async () => {
    const page = await member('agent', { size });
    await jump(page, number, new RegExp(number));
    await page.getByRole('heading', { level: 1, name: new RegExp(number) }).waitFor();
    await page.goto(`/contracts/new?unit_id=${page.url().split('/').at(-1)?.split('?')[0]}`);
    await page.getByLabel('Full name').fill('Nora Castellano');
    await page.getByLabel('E-mail').fill(`nora.${size}@buyers.test`);
    await page.getByRole('button', { name: 'Draft contract' }).click();
    await page.getByText('A draft. Submit it once price and buyers are right.').waitFor();
    await page
      .getByRole('button', { name: /^Submit/ })
      .first()
      .click();
    await confirm(page, /^Submit/);
    await page.getByText('Waits for approval.').waitFor();
    // Of a buyer, initials only.
    expect(await page.locator('main').innerText()).not.toContain('Castellano');
  });

  it('a sales VP is told what waits, and approves it', async () => {
    const page = await member('vp', { size });
    await page.getByText(/wait.* for your approval/).waitFor();
    await page.getByRole('link', { name: 'Look at them' }).click();
    await page.waitForURL('**/contracts?state=submitted');
    await page.getByText(number).first().click();
    await page.getByText('Waits for your approval.').waitFor();
    await page.getByRole('button', { name: 'Approve' }).first().click();
    await confirm(page, 'Approve');
    await page.getByText('Approved. The home waits for signatures.').waitFor();
  });

  it('an escrow coordinator reveals a buyer for a purpose, and the trail knows', async () => {
    const page = await member('escrow', { size });
    await page.goto(`/contacts/${inject('platform').records.contact}`);
    await page.getByRole('button', { name: 'Reveal E-mail' }).click();
    await page.getByLabel('Purpose').fill('Sending the closing documents');
    await page.getByRole('button', { name: 'Reveal', exact: true }).click();
    await page.getByText('@buyers.test').waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Reveal E-mail' }).waitFor();
    expect(await page.locator('main').innerText()).not.toContain('@buyers.test');
  });

  it('an administrator changes the settings and takes it back', async () => {
    const page = await member('admin', { size });
    await page.goto('/settings');
    const name = page.getByLabel('Name');
    const before = await name.inputValue();
    await name.fill(`${before} Group`);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => name.inputValue(), { timeout: 10_000 }).toBe(before);
  });

  it('a viewer reads, and is offered nothing else', async () => {
    const page = await member('viewer', { size });
    await page.goto('/contracts');
    await page.getByText('Approved').first().waitFor();
    expect(await page.getByRole('button', { name: /^New|^Approve$|^Submit/ }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Contacts' }).count()).toBe(0);
    await page.goto('/contacts');
    await page.getByText('Your role may not do this').waitFor();
  });
});

it('two who change the same settings see both versions', async () => {
  const [mine, theirs] = await Promise.all([member('admin'), member('admin')]);
  await Promise.all([mine, theirs].map((page) => page.goto('/settings')));
  await mine.getByLabel('Name').waitFor();
  await theirs.getByLabel('Name').fill('Their Homes');
  await theirs.getByRole('button', { name: 'Save' }).click();
  await theirs.getByRole('button', { name: 'Undo' }).waitFor();
  await mine.getByLabel('Name').fill('My Homes');
  await mine.getByRole('button', { name: 'Save' }).click();
  const dialog = mine.getByRole('dialog');
  await dialog.getByRole('cell', { name: 'My Homes' }).waitFor();
  await dialog.getByRole('cell', { name: 'Their Homes' }).waitFor();
  await dialog.getByRole('button', { name: 'Keep theirs' }).click();
  await expect.poll(() => mine.getByLabel('Name').inputValue()).toBe('Their Homes');
});

it('everything goes by the keyboard: jump, move, select, open, help', async () => {
  const page = await member('vp');
  await page.getByText('Homes by status').waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('h');
  await page.waitForURL('**/homes');
  await page.getByRole('row').nth(2).waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/homes(\/|\?.*peek=)/);
  await page.goto('/contracts');
  await page.getByRole('row').nth(2).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByText('Next row').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.getByRole('region', { name: '1 selected' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByText('With the selection').waitFor();
});

it('speaks Spanish to those who do', async () => {
  const page = await member('vp', { locale: 'es-MX' });
  await page.getByText('Viviendas por estado').waitFor();
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('es');
});

it('says so when the network goes, and when it is back', async () => {
  const page = await member('vp');
  await page.getByText('Homes by status').waitFor();
  await page.context().setOffline(true);
  await page.getByText('No connection. What you see may be old.').waitFor();
  await page.context().setOffline(false);
  await page.getByText('No connection. What you see may be old.').waitFor({ state: 'detached' });
});

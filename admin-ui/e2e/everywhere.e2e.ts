import { expect, inject, it } from 'vitest';
import { member } from './people';

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

it('filters are in the address, and a saved view brings them back', async () => {
  const page = await member('vp');
  await page.goto('/contracts');
  await page.getByRole('group', { name: 'By status' }).getByRole('button', { name: 'Approved' }).click();
  await page.waitForURL('**/contracts?state=approved');
  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByLabel('Name of the view').fill('Signed off');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.goto('/contracts');
  await page.getByRole('button', { name: 'Views' }).click();
  await page.getByRole('menuitem', { name: 'Signed off' }).click();
  await page.waitForURL('**/contracts?state=approved');
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

it('a contract prints as a sheet with lines to sign on, without the frame around it', async () => {
  const page = await member('vp');
  await page.goto(`/contracts/${inject('platform').records.approved}`);
  await page.getByText('Approved. The home waits for signatures.').waitFor();
  await page.emulateMedia({ media: 'print' });
  await page.getByText('Signature', { exact: true }).first().waitFor();
  expect(await page.getByRole('navigation').first().isVisible()).toBe(false);
});

import type { Page } from 'playwright-core';
import { describe, expect, inject, it } from 'vitest';
import { confirm } from './acts';
import { Api } from './api';
import { applicant, mailedPath, operator, signIn } from './people';
import { windowOn, type Size } from './window';

const PASSWORD = 'cobalt-Lantern-7-meadow-drift';

/** A step that cannot be undone: a reason, and the name of what it is about. */
async function decide(page: Page, action: string, word: string, reason: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill(reason);
  const go = dialog.getByRole('button', { name: action, exact: true });
  await dialog.getByLabel(`Type ${word} to confirm`).fill(word.slice(0, -1));
  expect(await go.isDisabled()).toBe(true);
  await dialog.getByLabel(`Type ${word} to confirm`).fill(word);
  await go.click();
  await dialog.waitFor({ state: 'detached' });
}

/** A builder with a workspace, and the address of its page on the console. */
async function builder(slug: string): Promise<{ email: string; path: string }> {
  const email = await applicant(slug, `Builder ${slug}`, PASSWORD);
  const api = await Api.operator(inject('platform'));
  const signup = (await api.list('/v1/platform/signups')).find((one) => one['slug'] === slug);
  const { id } = await api.post(`/v1/platform/signups/${String(signup?.['id'])}/approve`);
  return { email, path: `/platform/tenants/${String(id)}` };
}

describe.each(['desktop', 'phone'] as const)('an operator on a %s', (size: Size) => {
  it('approves a sign-up and sees its workspace being made', async () => {
    const company = `Larch ${size}`;
    const email = await applicant(`larch-${size}`, company, PASSWORD);
    const page = await operator({ size });
    await page.getByText(/wait.? for a decision/).waitFor();
    await page.getByRole('link', { name: company }).click();
    await page.getByRole('row').filter({ hasText: company }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(email).waitFor();
    await confirm(page, 'Approve');
    await page.getByRole('heading', { level: 1, name: company }).waitFor();
    // The page follows by itself.
    await page.getByText(/^Set up in [\d.]+ s$/).waitFor();
    await page.getByText('Active', { exact: true }).first().waitFor();
    expect(await page.locator('ol > li[data-state=done]').count()).toBe(4);
    const workspace = await windowOn(`larch-${size}.localhost`, { size });
    await expect.poll(async () => (await workspace.goto('/'))?.status()).toBe(200);
    await signIn(workspace, email, PASSWORD);
  });

  it('turns a sign-up down with a note', async () => {
    const company = `Elder ${size}`;
    await applicant(`elder-${size}`, company, PASSWORD);
    const page = await operator({ size });
    await page.goto('/platform/signups?show=verified');
    await page.getByRole('row').filter({ hasText: company }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Turn down' }).click();
    await page.getByLabel('Why').fill('Builds no homes.');
    await page.getByRole('dialog').getByRole('button', { name: 'Turn down' }).click();
    await page.getByText(`${company} turned down`).waitFor();
    await page.getByRole('button', { name: 'Decided' }).click();
    await page.getByRole('row').filter({ hasText: company }).getByText('Rejected').waitFor();
  });

  it('suspends a tenant, whose people are out, and opens it again; all of it is in the log', async () => {
    const slug = `rowan-${size}`;
    const { email, path } = await builder(slug);
    const entrance = inject('platform');
    const session = await Api.as(entrance, email, PASSWORD, slug);
    const workspace = await windowOn(`${slug}.localhost`, { size });
    await expect.poll(async () => (await workspace.goto('/'))?.status()).toBe(200);
    const page = await operator({ size });
    await page.goto(path);
    await page.getByRole('button', { name: 'Suspend' }).click();
    await decide(page, 'Suspend', slug, 'Invoices are unpaid.');
    await page.getByText('Suspended', { exact: true }).first().waitFor();
    await page.getByText('Invoices are unpaid.').waitFor();
    await expect.poll(() => session.get('/v1/me').catch(() => 'refused')).toBe('refused');
    await expect(Api.as(entrance, email, PASSWORD, slug)).rejects.toThrow(/40[134]/);
    // Not by loading the page: the edge may hear of it between a page and its files.
    await expect.poll(() => workspace.evaluate(async () => (await fetch('/v1/me')).status)).toBe(404);
    expect((await workspace.goto('/'))?.status()).toBe(404);
    await page.getByRole('button', { name: 'Resume' }).click();
    await decide(page, 'Resume', slug, 'Invoices are paid.');
    await page.getByText('Active', { exact: true }).first().waitFor();
    await expect.poll(async () => (await workspace.goto('/'))?.status()).toBe(200);
    await signIn(workspace, email, PASSWORD);
    await page.getByRole('tab', { name: 'Log' }).click();
    await page.getByText('Tenant suspended').first().waitFor();
    await page.getByText('Tenant resumed').first().waitFor();
  });

  it('changes plan and limits, sees the usage beside them, and takes it back', async () => {
    const { path } = await builder(`alder-${size}`);
    const page = await operator({ size });
    await page.goto(path);
    await page.getByRole('button', { name: 'Change plan and limits' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: 'Plan' }).click();
    await page.getByRole('option', { name: 'Scale' }).click();
    await dialog.getByLabel('Members, invited ones included').fill('25');
    await confirm(page, 'Save');
    await page.getByText('/ 25').waitFor();
    await page
      .getByRole('definition')
      .filter({ hasText: /^Scale$/ })
      .waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('/ 25').waitFor({ state: 'detached' });
    await page.getByText('Enabled').waitFor();
  });

  it('off-boards a tenant for good', async () => {
    const slug = `hazel-${size}`;
    const { path } = await builder(slug);
    const page = await operator({ size });
    await page.goto(path);
    await page.getByRole('button', { name: 'Actions' }).click();
    await page.getByRole('menuitem', { name: 'Off-board' }).click();
    await decide(page, 'Off-board', slug, 'Closed their business.');
    await page.getByText('Off-boarded', { exact: true }).first().waitFor();
    expect(await page.getByRole('button', { name: /^(Suspend|Resume)$/ }).count()).toBe(0);
  });

  it('invites an operator, who joins by the mail, and takes the console from them again', async () => {
    const email = `otto.${size}@keystead.test`;
    const page = await operator({ size });
    await page.goto('/platform/operators');
    await page.getByRole('button', { name: 'Invite an operator' }).click();
    await page.getByLabel('E-mail').fill(email);
    await confirm(page, 'Send invitation');
    await page.getByText(`The invitation went to ${email}`).waitFor();

    const invited = await windowOn('localhost', { size });
    await invited.goto(await mailedPath(email, '/operator-invitation'));
    await invited.getByLabel('Your name').fill(`Otto ${size}`);
    await invited.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await invited.getByRole('button', { name: 'Join' }).click();
    await invited.getByRole('link', { name: 'Open the console' }).click();
    await invited.getByLabel('E-mail').fill(email);
    await invited.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await invited.getByRole('button', { name: 'Sign in' }).click();
    await invited.getByText('Everything is well').waitFor();

    await page.reload();
    await page.getByRole('button', { name: `Take access from Otto ${size}` }).click();
    await decide(page, 'Take access', email, 'Left the company.');
    await page.getByText(`Otto ${size} is no operator any more`).waitFor();
    await invited.goto(new URL('/platform', invited.url()).href);
    await invited.getByRole('button', { name: 'Sign in' }).waitFor();
  });

  it('sees how the platform is, and what happened', async () => {
    const page = await operator({ size });
    await page.goto('/platform/health');
    for (const part of ['Database', 'Clock', 'Key service', 'File store', 'Disk']) {
      await page.getByRole('listitem').filter({ hasText: part }).getByText('Well').waitFor();
    }
    await page.goto('/platform/log?action=tenant.activated');
    await page.getByText('Tenant activated').first().waitFor();
    expect(await page.getByText('Sign-up received').count()).toBe(0);
  });
});

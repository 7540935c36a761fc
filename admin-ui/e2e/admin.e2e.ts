import { describe, expect, inject, it } from 'vitest';
import { atHand, confirm, jump, textOf } from './acts';
import { Api } from './api';
import { member } from './people';
import { sale } from './sales';
import type { Size } from './window';

describe.each(['desktop', 'phone'] as const)('an administrator on a %s', (size: Size) => {
  it('changes the settings and takes it back', async () => {
    const page = await member('admin', { size });
    await page.goto('/settings');
    const name = page.getByLabel('Name');
    const before = await name.inputValue();
    await name.fill(`${before} Group`);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => name.inputValue()).toBe(before);
  });

  it('invites one person and a pasted list', async () => {
    const page = await member('admin', { size });
    await page.goto('/members');
    await page.getByRole('button', { name: 'Invite people' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('E-mail').fill(`mia.${size}@summit.test`);
    await dialog.getByRole('combobox', { name: 'Role' }).click();
    await page.getByRole('option', { name: 'Sales agent' }).click();
    await dialog.getByLabel('These projects').check();
    await dialog.getByPlaceholder('Choose projects').click();
    await page.getByRole('option', { name: 'Fusion' }).click();
    await page.keyboard.press('Escape');
    await confirm(page, 'Send invitation');
    await page.getByText(`The invitation went to mia.${size}@summit.test`).waitFor();

    await page.getByRole('button', { name: 'Invite people' }).first().click();
    await dialog.getByText('Several').click();
    const people = `Grace Lin <grace.${size}@summit.test>\nAlan Orr, alan.${size}@summit.test, vp_sales`;
    await dialog.getByLabel('People', { exact: true }).fill(people);
    await dialog.getByText('2 people').waitFor();
    await dialog.getByRole('combobox', { name: 'Role, where a line names none' }).click();
    await page.getByRole('option', { name: 'Escrow coordinator' }).click();
    await confirm(page, 'Send 2 invitations');
    await page.getByText('2 invitations sent').waitFor();

    await page.getByRole('button', { name: 'Invitations' }).click();
    await page.getByText(`alan.${size}@summit.test`).waitFor();
    await page.getByText(`grace.${size}@summit.test`).waitFor();
    const row = (name: string) => page.getByRole('row').filter({ hasText: `${name}.${size}@summit.test` });
    if (size === 'phone') await page.getByRole('button', { name: 'Select' }).click();
    await row('grace').getByRole('checkbox').check();
    await atHand(page, page.getByRole('region', { name: '1 selected' }), size);
    await page.getByRole('button', { name: 'Send again' }).click();
    await page.getByText(`A new link went to grace.${size}@summit.test`).waitFor();
    // What was replaced is over, and nobody chose what replaces it.
    await row('grace').getByText('Revoked').waitFor();
    await page.getByRole('region', { name: /selected/ }).waitFor({ state: 'detached' });
    if (size === 'phone') await row('alan').tap();
    else await row('alan').getByRole('checkbox').check();
    await page.getByRole('region', { name: '1 selected' }).getByRole('button', { name: 'Revoke' }).click();
    await confirm(page, 'Revoke');
    await page.getByText(`Invitation of alan.${size}@summit.test revoked`).waitFor();
  });

  it('gives a role a permission more, and takes it back', async () => {
    const page = await member('admin', { size });
    await page.goto('/members?show=roles');
    await page.getByRole('button', { name: 'Change role Viewer' }).click();
    const trail = page.getByRole('dialog').getByRole('checkbox').last();
    await trail.check();
    await confirm(page, 'Save');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Change role Viewer' }).click();
    await expect.poll(() => trail.isChecked()).toBe(false);
  });

  it('keeps a home from sale with a reason, and puts it on sale again', async () => {
    const number = size === 'desktop' ? '3305' : '3304';
    const page = await member('admin', { size });
    await jump(page, number, new RegExp(number));
    await page.getByRole('heading', { level: 1, name: number }).waitFor();
    await page.getByRole('button', { name: 'Keep from sale' }).click();
    await page.getByLabel('Why is it kept from sale?').fill('Model home');
    await confirm(page, 'Keep from sale');
    await page.getByText('Kept from sale: Model home.').waitFor();
    await page.getByRole('button', { name: 'Put on sale again' }).click();
    await page.getByText('Free: a contract can be drafted now.').waitFor();
  });

  it('erases a buyer for good, once nothing needs them any more', async () => {
    const { id, contact } = await sale('Wanda Orlov', 'draft');
    const page = await member('admin', { size });
    await page.goto(`/contacts/${contact}`);
    await page.getByRole('heading', { level: 1, name: 'W. O.' }).waitFor();
    await page.getByRole('button', { name: 'Actions' }).click();
    await page.getByRole('menuitem', { name: 'Erase this person' }).click();
    const dialog = page.getByRole('dialog', { name: 'Erase W. O. for good?' });
    const erase = dialog.getByRole('button', { name: 'Erase this person' });
    await dialog.getByLabel('Type ERASE to confirm').fill('ERASE');
    expect(await erase.isDisabled()).toBe(true);
    await dialog.getByLabel('Reason').fill('The buyer asked for it');
    await erase.click();
    await dialog.getByText('First cancel what they are party to').waitFor();
    const vp = await Api.demo(inject('platform'), 'vp');
    await vp.post(`/v1/contracts/${id}/cancel`, { reason: 'remorse' });
    await erase.click();
    await page.getByRole('heading', { level: 1, name: 'Erased person' }).waitFor();
    await page.getByText('Erased', { exact: true }).first().waitFor();
    expect(await page.getByRole('button', { name: /^(Actions|Edit contact|Reveal.*)$/ }).count()).toBe(0);

    // Nobody finds them, and what they were party to names nobody.
    await page.goto('/contacts');
    await page.getByLabel('Search contacts').fill('Wanda Orlov');
    await page.getByText('Nobody found').waitFor();
    await page.goto(`/contracts/${id}`);
    await page.getByText('Erased', { exact: true }).filter({ visible: true }).first().waitFor();
    expect(await page.locator('main').innerText()).not.toContain('W. O.');
  });

  it('verifies the whole audit trail in the browser, and saves it', async () => {
    const page = await member('admin', { size });
    // As in browsers that have no dialog for saving.
    await page.addInitScript(() => Reflect.deleteProperty(window, 'showSaveFilePicker'));
    await page.goto('/audit');
    await page.getByText('Not verified in this browser yet').waitFor();
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByText(/^Verified: [\d,]+ events/).waitFor();
    expect(await page.getByText('The chain is broken').count()).toBe(0);
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export' }).click();
    const [manifest, ...events] = (await textOf(await saving)).trimEnd().split('\n');
    expect(JSON.parse(manifest ?? '')).toMatchObject({ format: 'keystead-audit-v1', count: events.length });
  });
});

it('an administrator suspends a colleague, who is out at once, and takes them back', async () => {
  const [admin, agent] = [await member('admin'), await member('viewer')];
  await admin.goto('/members');
  await admin.getByRole('row').filter({ hasText: 'Vera Lane' }).click();
  await admin.getByRole('dialog').getByRole('button', { name: 'Suspend' }).click();
  await admin.getByRole('row').filter({ hasText: 'Vera Lane' }).getByText('Suspended').waitFor();
  await agent.goto('/contracts');
  await agent.getByRole('heading', { name: 'Sign in to demo' }).waitFor();
  await admin.getByRole('row').filter({ hasText: 'Vera Lane' }).click();
  await admin.getByRole('dialog').getByRole('button', { name: 'Reactivate' }).click();
  await admin.getByRole('row').filter({ hasText: 'Vera Lane' }).getByText('Active').waitFor();
});

it('two who change the same settings see both versions', async () => {
  const [mine, theirs] = await Promise.all([member('admin'), member('admin')]);
  await Promise.all([mine, theirs].map((page) => page.goto('/settings')));
  await mine.getByLabel('Name').waitFor();
  const before = await mine.getByLabel('Name').inputValue();
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
  await theirs.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => theirs.getByLabel('Name').inputValue()).toBe(before);
});

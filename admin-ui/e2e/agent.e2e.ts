import { describe, expect, it } from 'vitest';
import { confirm, jump } from './acts';
import { member } from './people';
import { sale } from './sales';
import type { Size } from './window';

describe.each(['desktop', 'phone'] as const)('a sales agent on a %s', (size: Size) => {
  // Each size sells a home of its own, to a buyer of its own.
  const number = size === 'desktop' ? '3301' : '3302';
  const buyer = size === 'desktop' ? 'Nora Castellano' : 'Ines Okonkwo';

  it('takes a new contact down, drafts a contract with them and submits it', async () => {
    const page = await member('agent', { size });
    await page.getByRole('navigation').getByRole('link', { name: 'Contacts' }).click();
    await page.getByRole('button', { name: 'New contact' }).first().click();
    await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill(buyer);
    await page.getByRole('dialog').getByLabel('E-mail').fill(`${size}.buyer@buyers.test`);
    await page.getByRole('dialog').getByLabel('Phone').fill('+14155550177');
    await confirm(page, 'Add contact');
    await page.waitForURL(/\/contacts\/\w+/);

    await jump(page, number, new RegExp(number));
    await page.getByRole('heading', { level: 1, name: number }).waitFor();
    await page.getByRole('link', { name: 'Draft a contract' }).click();
    await page.getByText('From contacts').click();
    await page.getByLabel('Find a contact').fill(buyer);
    await page.getByText('1 person').waitFor();
    await page
      .getByRole('list')
      .getByRole('button')
      .filter({ hasText: /^\w\. \w\./ })
      .click();
    await page.getByRole('button', { name: 'Draft contract' }).click();

    await page.getByText('A draft. Submit it once price and buyers are right.').waitFor();
    await page
      .getByRole('button', { name: /^Submit/ })
      .first()
      .click();
    await confirm(page, /^Submit/);
    await page.getByText('Waits for approval.').waitFor();
    // Of a buyer, initials only; nothing of them in the address.
    expect(await page.locator('main').innerText()).not.toContain(buyer.split(' ')[1]);
    expect(page.url()).not.toMatch(/Nora|Ines|buyers/);
  });

  it('is told what a price needs, and is offered no approval', async () => {
    const page = await member('agent', { size });
    await page.goto('/contracts/new');
    await page.getByRole('combobox', { name: 'Home' }).click();
    await page.getByRole('option').first().click();
    await page.getByLabel('Agreed price').fill('');
    await page.getByRole('button', { name: 'Draft contract' }).click();
    await page.getByText('Enter the agreed price.').waitFor();
    await page.getByText('Enter the full name.').waitFor();
    const { id } = await sale('Tom Achebe', 'submitted');
    await page.goto(`/contracts/${id}`);
    await page.getByText('Waits for approval.').waitFor();
    expect(await page.getByRole('button', { name: /^(Approve|Cancel|Return)/ }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Settings' }).count()).toBe(0);
  });
});

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { confirm, contentOf } from './acts';
import { member } from './people';
import { sale } from './sales';
import type { Size } from './window';

const FLOORPLAN = readFileSync(resolve(import.meta.dirname, '../../deploy/demo/floorplan-a.pdf'));

describe.each(['desktop', 'phone'] as const)('an escrow coordinator on a %s', (size: Size) => {
  it('uploads a document to the file store, and fetches it from there as it was', async () => {
    const { files, records } = inject('platform');
    const name = `Closing ${size}.pdf`;
    const page = await member('escrow', { size });
    const sent: string[] = [];
    page.on('requestfinished', (request) => {
      if (request.method() === 'PUT') sent.push(new URL(request.url()).origin);
    });
    await page.goto(`/projects/${records.project}/plans/${records.plan}`);
    await page.getByText('Drop floorplans here, or click to choose').waitFor();
    await page.setInputFiles('input[type=file]', { name, mimeType: 'application/pdf', buffer: FLOORPLAN });
    const card = page.getByRole('listitem').filter({ hasText: name });
    const fetched = page.waitForEvent('download');
    await card
      .getByRole('button', { name: `Download ${name}` })
      .last()
      .click();
    const download = await fetched;
    expect(download.suggestedFilename()).toBe(name);
    expect((await contentOf(download)).equals(FLOORPLAN)).toBe(true);
    // Straight to the file store, from the page: its CORS and our policy allow it.
    expect(sent).toEqual([files]);
    await card.getByRole('button', { name: `Remove ${name}` }).click();
    await confirm(page, /^Remove/);
    await card.waitFor({ state: 'detached' });
  });

  it('is told at once that a file is of the wrong kind', async () => {
    const { records } = inject('platform');
    const page = await member('escrow', { size });
    await page.goto(`/projects/${records.project}/plans/${records.plan}`);
    await page.getByText('Drop floorplans here, or click to choose').waitFor();
    const buffer = Buffer.from('hello');
    await page.setInputFiles('input[type=file]', { name: 'notes.txt', mimeType: 'text/plain', buffer });
    await page.getByText('notes.txt is not a PDF, PNG or JPEG.').waitFor();
  });

  it('looks at an approved contract, its documents and its trail, and cancels it with a reason', async () => {
    const { id } = await sale('Omar Haddad', 'approved');
    const page = await member('escrow', { size });
    await page.goto(`/contracts/${id}`);
    await page.getByText('Approved. The home waits for signatures.').waitFor();
    await page.getByRole('tab', { name: 'Documents' }).click();
    await page.getByText(/Floorplans of the home|No documents for this home/).waitFor();
    await page.getByRole('tab', { name: 'Audit' }).click();
    await page.getByRole('button', { name: /approved/ }).waitFor();
    await page.getByRole('tab', { name: 'Overview' }).click();

    await page
      .getByRole('button', { name: /^Cancel/ })
      .first()
      .click();
    await page.getByRole('combobox', { name: 'Reason' }).click();
    await page.getByRole('option', { name: 'Financing denied' }).click();
    await page.getByLabel('Note').fill('The lender withdrew.');
    await confirm(page, /^Cancel/);
    await page.getByText('Cancelled. The home can be sold again.').waitFor();
    await page.getByText('The lender withdrew.').first().waitFor();
  });

  it('reveals a buyer for a purpose, which the trail keeps, and sees them masked again after a reload', async () => {
    const { contact } = await sale('Lucia Marchetti', 'submitted');
    const page = await member('escrow', { size });
    await page.goto(`/contacts/${contact}`);
    await page.getByRole('button', { name: 'Reveal E-mail' }).click();
    const purpose = page.getByRole('textbox', { name: 'Purpose' });
    await purpose.fill('ab');
    expect(await page.getByRole('button', { name: 'Reveal', exact: true }).isDisabled()).toBe(true);
    await purpose.fill(`Sending the closing documents (${size})`);
    await page.getByRole('button', { name: 'Reveal', exact: true }).click();
    await page.getByText('lucia.marchetti@buyers.test').waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Reveal E-mail' }).waitFor();
    expect(await page.locator('main').innerText()).not.toContain('marchetti');
    await page.getByRole('button', { name: /^Disclosure/ }).click();
    await page.getByText(`Sending the closing documents (${size})`).waitFor();
  });
});

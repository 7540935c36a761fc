import type { Page } from 'playwright-core';
import { describe, expect, inject, it } from 'vitest';
import { confirm, hold } from './acts';
import { Api } from './api';
import { member } from './people';
import { sale } from './sales';
import type { Size } from './window';

/** How many contracts were approved this month, as the dashboard says when it is opened. */
async function approvedOnScreen(page: Page): Promise<number> {
  await page.goto('/');
  const figure = page.locator('dl > div').filter({ hasText: /^Approved in/ });
  return Number((await figure.locator('dd').innerText()).match(/^\d+/)?.[0]);
}

async function approved(vp: Api): Promise<number> {
  const { months } = (await vp.get('/v1/dashboard')) as { months: { this: { approved: number } } };
  return months.this.approved;
}

describe.each(['desktop', 'phone'] as const)('a sales VP on a %s', (size: Size) => {
  it('is told what waits, approves it, and sees it in the figures', async () => {
    const { home } = await sale('Ruth Adeyemi', 'submitted');
    const page = await member('vp', { size });
    await page.getByText(/wait.* for your approval/).waitFor();
    await page.getByRole('link', { name: 'Look at them' }).click();
    await page.waitForURL('**/contracts?state=submitted');
    await page.getByRole('row').filter({ hasText: home }).click();
    await page.getByText('Waits for your approval.').waitFor();
    await page.getByRole('button', { name: 'Approve' }).first().click();
    await confirm(page, 'Approve');
    await page.getByText('Approved. The home waits for signatures.').waitFor();
    // Other flows approve and cancel meanwhile.
    const vp = await Api.demo(inject('platform'), 'vp');
    await expect
      .poll(() => Promise.all([approvedOnScreen(page), approved(vp)]))
      .toSatisfy(([shown, known]) => shown === known && shown > 0);
  });

  it('returns a contract, which shows at once, and takes it back', async () => {
    const { id } = await sale('Piotr Nowak', 'submitted');
    const page = await member('vp', { size });
    await page.goto(`/contracts/${id}`);
    await page.getByText('Waits for your approval.').waitFor();
    const letGo = await hold(page, '**/v1/contracts/*/return');
    if (size === 'phone') {
      await page.getByRole('button', { name: 'Actions' }).click();
      await page.getByRole('menuitem', { name: 'Return to draft' }).click();
    } else {
      await page.getByRole('button', { name: 'Return to draft' }).click();
    }
    // The server has not heard of it yet.
    await page.getByText('A draft. Submit it once price and buyers are right.').waitFor();
    await letGo();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Waits for your approval.').waitFor();
    await page.reload();
    await page.getByText('Waits for your approval.').waitFor();
  });

  it('sees where a contract stands when a colleague was quicker', async () => {
    const { id } = await sale('Dana Whitlock', 'submitted');
    const [slower, quicker] = await Promise.all([member('vp', { size }), member('vp', { size })]);
    await Promise.all([slower, quicker].map((page) => page.goto(`/contracts/${id}`)));
    await slower.getByText('Waits for your approval.').waitFor();
    await quicker.getByRole('button', { name: 'Approve' }).first().click();
    await confirm(quicker, 'Approve');
    await quicker.getByText('Approved. The home waits for signatures.').waitFor();
    await slower.getByRole('button', { name: 'Approve' }).first().click();
    await confirm(slower, 'Approve');
    await slower.getByText('The contract stands elsewhere by now').waitFor();
    await slower.getByRole('dialog').getByRole('button', { name: 'All right' }).click();
    await slower.getByText('Approved. The home waits for signatures.').waitFor();
  });
});

it('a sales VP approves several at once, and is told what became of each', async () => {
  const sales = [await sale('Ada Quist', 'submitted'), await sale('Bo Quist', 'submitted')];
  const page = await member('vp');
  await page.goto('/contracts?state=submitted');
  for (const { home } of sales) {
    await page.getByRole('row').filter({ hasText: home }).getByRole('checkbox').check();
  }
  await page.getByRole('region', { name: '2 selected' }).getByRole('button', { name: 'Approve' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Approve/ })
    .click();
  await page.getByText('2 contracts changed').waitFor();
});

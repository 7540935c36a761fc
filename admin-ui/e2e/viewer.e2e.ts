import { describe, expect, it } from 'vitest';
import { member } from './people';
import type { Size } from './window';

describe.each(['desktop', 'phone'] as const)('a viewer on a %s', (size: Size) => {
  it('reads homes and contracts, and is offered nothing else', async () => {
    const page = await member('viewer', { size });
    await page.getByText('Homes by status').waitFor();
    await page.goto('/contracts');
    await page.getByText('Approved').filter({ visible: true }).first().waitFor();
    expect(await page.getByRole('button', { name: /^New|^Approve$|^Submit/ }).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Contacts' }).count()).toBe(0);
    await page.goto('/homes?view=board');
    await page.getByText('1101').first().waitFor();
    await page.goto('/contacts');
    await page.getByText('Your role may not do this').waitFor();
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api } from './api';
import { mailed } from './mailbox';
import { applicant, operator } from './people';
import { startPlatform, type Running } from './platform';
import type { Size } from './window';

const PASSWORD = 'cobalt-Lantern-7-meadow-drift';

// A platform of its own: what is broken here, other flows need.
let platform: Running;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.stop());

/** Lets the key service work, or refuse every call. */
async function keys(mode: 'none' | 'down'): Promise<void> {
  const answer = await fetch(`${platform.kms}/__faults`, { method: 'POST', body: JSON.stringify({ mode }) });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
}

/** Has the mailbox refuse mail to an address, or take it again. */
async function refused(address: string, method: 'PUT' | 'DELETE'): Promise<void> {
  const answer = await fetch(`${platform.mailbox}/api/refusals/${address}`, { method });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
}

describe.each(['desktop', 'phone'] as const)('an operator on a %s, when something fails', (size: Size) => {
  it('has a workspace made to its end that stopped half way', async () => {
    const slug = `aspen-${size}`;
    await applicant(slug, `Aspen ${size}`, PASSWORD, platform);
    const api = await Api.operator(platform);
    const signup = (await api.list('/v1/platform/signups')).find((one) => one['slug'] === slug);
    const page = await operator({ size, platform });
    await keys('down');
    await expect(api.post(`/v1/platform/signups/${String(signup?.['id'])}/approve`)).rejects.toThrow(': 503 ');
    await page.goto('/platform/tenants');
    await page.getByRole('row').filter({ hasText: slug }).click();
    await page.getByText('0 of 4 steps done').waitFor();
    await page.locator('ol > li[data-state=failed]').getByText('Encryption key').waitFor();
    await page.getByText('Provisioning', { exact: true }).first().waitFor();

    // The server tries again by itself, too: the key service is away until the button is pressed.
    await page.route('**/provision', async (route) => {
      await keys('none');
      await route.continue();
    });
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('Provisioning goes on').waitFor();
    await page.getByText(/^Set up in [\d.]+ s$/).waitFor();
    await page.getByText('Active', { exact: true }).first().waitFor();
    expect(await page.locator('ol > li[data-state=done]').count()).toBe(4);
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
    await Api.as(platform, `ada@${slug}.test`, PASSWORD, slug);
  });

  it('has mail tried again that was given up', async () => {
    const slug = `hornbeam-${size}`;
    const email = `zoe@${slug}.test`;
    await refused(email, 'PUT');
    const application = { admin_name: 'Zoë', company_name: `Hornbeam ${size}`, email, password: PASSWORD, slug };
    await Api.visitor(platform).post('/v1/signups', application);
    const api = await Api.operator(platform);
    const parked = async () => {
      const { mail } = (await api.get('/v1/platform/health')) as { mail: { parked_items: Record<string, unknown>[] } };
      return mail.parked_items.some((one) => one['domain'] === `${slug}.test`);
    };
    await expect.poll(parked, { timeout: 20_000 }).toBe(true);
    const page = await operator({ size, platform });
    await page.goto('/platform/health');
    const row = page.getByRole('row').filter({ hasText: `${slug}.test` });
    await row.getByText('550').waitFor();

    // The address was mended.
    await refused(email, 'DELETE');
    await row.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('The mail is tried again').waitFor();
    await mailed(platform.mailbox, email, /verify-email/);
    await row.waitFor({ state: 'detached' });
    await page.goto('/platform/log?action=mail');
    await page.getByText('Mail tried again').first().waitFor();
  });
});

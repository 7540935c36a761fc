import { expect, inject, it } from 'vitest';
import { Api } from './api';
import { mailedPath, member, operator as operatorOn } from './people';
import { windowOn } from './window';

it.each(['desktop', 'phone'] as const)(
  'a builder signs up, confirms the address, is approved and signs in (%s)',
  async (size) => {
    const slug = `oak-${size}`;
    const email = `olivia@${slug}.test`;
    const password = 'cobalt-Lantern-7-meadow-drift';
    const page = await windowOn('localhost', { size });
    await page.goto('/');
    await page.getByRole('link', { name: 'Create a workspace' }).click();
    await page.getByLabel('Company').fill(`Oak ${size}`);
    expect(await page.getByLabel('Workspace address').inputValue()).toBe(slug);
    await page.getByLabel('Your name').fill('Olivia Oak');
    await page.getByLabel('Work e-mail').fill(email);
    await page.getByRole('textbox', { name: 'Password' }).fill(password);
    await page.getByRole('button', { name: 'Create workspace' }).click();
    await page.getByText(`We sent a link to ${email}`).waitFor();

    await page.goto(await mailedPath(email, '/verify-email'));
    await page.getByRole('button', { name: 'Confirm my address' }).click();
    await page.getByText(`Setting up Oak ${size}`).waitFor();

    const operator = await Api.operator(inject('platform'));
    const application = (await operator.list('/v1/platform/signups')).find((signup) => signup['slug'] === slug);
    await operator.post(`/v1/platform/signups/${String(application?.['id'])}/approve`);
    await page.getByRole('link', { name: 'Open your workspace' }).click();
    await page.getByLabel('E-mail').fill(email);
    await page.getByRole('textbox', { name: 'Password' }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('navigation').waitFor();
    expect(new URL(page.url()).hostname).toBe(`${slug}.localhost`);
  },
);

it('an invited viewer joins, and comes back after signing out', async () => {
  const admin = await Api.demo(inject('platform'), 'admin');
  const viewer = (await admin.list('/v1/roles')).find((role) => role['key'] === 'viewer');
  const email = 'violet@demo.test';
  await admin.post('/v1/invitations', { email, role_id: viewer?.['id'], all_projects: true });

  const page = await windowOn('localhost');
  await page.goto(await mailedPath(email, '/invitation'));
  await page.getByLabel('Your name').fill('Violet Reed');
  expect(new URL(page.url()).hash).toBe('');
  const password = 'amber-Harbor-9-quiet-slope';
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByRole('link', { name: /^Sign in to/ }).click();
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: /^Account.*Violet Reed/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in to demo' }).waitFor();
  await page.goto(new URL('/', page.url()).href);
  await page.getByRole('heading', { name: 'Sign in to demo' }).waitFor();
});

it('a used or wrong invitation says what to do', async () => {
  const page = await windowOn('localhost');
  await page.goto('/invitation#ksi_nobody');
  await page.getByLabel('Your name').fill('Nobody');
  await page.getByRole('textbox', { name: 'Password' }).fill('cobalt-Lantern-7-meadow-drift');
  await page.getByRole('button', { name: 'Join' }).click();
  expect(await page.getByRole('alert').innerText()).toContain('Ask whoever invited you');
});

it('a wrong password is said, and the address asked for is come back to', async () => {
  const page = await windowOn('demo.localhost');
  await page.goto('/profile');
  await page.getByLabel('E-mail').fill('admin@demo.test');
  await page.getByRole('textbox', { name: 'Password' }).fill('not the password at all');
  await page.getByRole('button', { name: 'Sign in' }).click();
  expect(await page.getByRole('alert').innerText()).toContain('wrong');
  await page.getByRole('textbox', { name: 'Password' }).fill(inject('platform').demoPassword);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/profile');
});

it('nothing of a session is in any storage, and no script can read the cookie', async () => {
  const page = await member('agent');
  const stored = await page.evaluate(() =>
    JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
  );
  expect(stored).not.toMatch(/ey[JI]|Bearer|ksr_|agent@/);
  const cookies = await page.context().cookies();
  expect(cookies.map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite }))).toEqual([
    { name: '__Host-keystead_refresh', httpOnly: true, sameSite: 'Strict' },
  ]);
});

it('tabs share one session: reloading both at once keeps both, signing out ends both', async () => {
  const first = await member('vp');
  const second = await first.context().newPage();
  await second.goto('/');
  await second.getByRole('navigation').waitFor();
  await Promise.all([first.reload(), second.reload()]);
  await Promise.all([first, second].map((page) => page.getByRole('navigation').waitFor()));
  await first.getByRole('button', { name: /^Account/ }).click();
  await first.getByRole('menuitem', { name: 'Sign out' }).click();
  await first.getByRole('heading', { name: 'Sign in to demo' }).waitFor();
  await second.getByRole('heading', { name: 'Sign in to demo' }).waitFor();
});

it('what a workspace has is not on the console, and the other way round', async () => {
  const workspace = await member('admin');
  await workspace.goto('/platform');
  await workspace.getByText('This page does not exist').waitFor();
  const console_ = await operatorOn();
  await console_.goto('/settings');
  await console_.getByText('This page does not exist').waitFor();
});

it('a member of one workspace does not get into another', async () => {
  const page = await windowOn('console.localhost');
  await page.goto('/sign-in');
  await page.getByLabel('E-mail').fill('admin@demo.test');
  await page.getByRole('textbox', { name: 'Password' }).fill(inject('platform').demoPassword);
  await page.getByRole('button', { name: 'Sign in' }).click();
  expect(await page.getByRole('alert').innerText()).toContain('wrong');
});

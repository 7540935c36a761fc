import type { Page } from 'playwright-core';
import { inject } from 'vitest';
import { Api, type Entrance } from './api';
import { mailed } from './mailbox';
import { windowOn, type Options } from './window';

export const ROLES = ['admin', 'agent', 'escrow', 'vp', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

/** Somebody of the demo builder, signed in. */
export async function member(role: Role, options?: Options): Promise<Page> {
  const page = await windowOn('demo.localhost', options);
  await signIn(page, `${role}@demo.test`, inject('platform').demoPassword);
  return page;
}

/** An operator of the platform, signed in to the console. */
export async function operator(options?: Options): Promise<Page> {
  const page = await windowOn('console.localhost', options);
  await signIn(page, 'operator@keystead.test', (options?.platform ?? inject('platform')).operatorPassword);
  return page;
}

export async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel(/E-mail|Correo/).fill(email);
  await page.getByRole('textbox', { name: /Password|Contraseña/ }).fill(password);
  await page.getByRole('button', { name: /^(Sign in|Iniciar sesión)$/ }).click();
  await page.getByRole('navigation').first().waitFor();
}

/** The path, and what follows, of the link in a mail to an address. */
export async function mailedPath(to: string, path: string): Promise<string> {
  const [link] = await mailed(inject('platform').mailbox, to, new RegExp(`https?://\\S*${path}\\S*`));
  const url = new URL(link);
  return url.pathname + url.search + url.hash;
}

/** A company that applied and confirmed its address; returns the administrator's. */
export async function applicant(
  slug: string,
  company: string,
  password: string,
  entrance: Entrance = inject('platform'),
): Promise<string> {
  const email = `ada@${slug}.test`;
  const visitor = Api.visitor(entrance);
  await visitor.post('/v1/signups', { admin_name: 'Ada Byron', company_name: company, email, password, slug });
  const [, token] = await mailed(entrance.mailbox, email, /token=([\w.-]+)/);
  await visitor.post('/v1/signups/verify', { token });
  return email;
}

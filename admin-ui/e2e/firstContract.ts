import { resolve } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, inject } from 'vitest';
import { Api } from './api';
import { applicant } from './people';
import { windowOn } from './window';

const PASSWORD = 'cobalt-Lantern-7-meadow-drift';
const PRICE_LIST = resolve(import.meta.dirname, '../../deploy/demo/fusion-homes.csv');

/** A builder who signed up, was approved, and has an empty workspace. */
async function newBuilder(slug: string): Promise<string> {
  const email = await applicant(slug, 'Quay Homes', PASSWORD);
  const operator = await Api.operator(inject('platform'));
  const signup = (await operator.list('/v1/platform/signups')).find((one) => one['slug'] === slug);
  await operator.post(`/v1/platform/signups/${String(signup?.['id'])}/approve`);
  const state = async () =>
    (await operator.list('/v1/platform/tenants')).find((one) => one['slug'] === slug)?.['state'];
  await expect.poll(state).toBe('active');
  return email;
}

/** Clicks by a button's or a link's name, and counts. */
function clicker(page: Page) {
  let clicks = 0;
  const press = async (role: 'button' | 'link' | 'combobox' | 'option', name?: string | RegExp) => {
    clicks += 1;
    await page
      .getByRole(role, name === undefined ? {} : { name })
      .first()
      .click();
  };
  return { press, clicks: () => clicks };
}

/** From the first sign-in to the first contract, homes from a spreadsheet; floorplans and colleagues can wait. */
export async function firstContract(slug: string): Promise<{ clicks: number; seconds: number }> {
  const email = await newBuilder(slug);
  const page = await windowOn(`${slug}.localhost`);
  // The edge hears of a new workspace a moment later.
  await expect.poll(async () => (await page.goto('/sign-in?next=%2Fonboarding'))?.status()).toBe(200);
  const { press, clicks } = clicker(page);
  const began = Date.now();
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
  await press('button', 'Sign in');
  await press('button', 'Continue');
  await page.getByRole('textbox', { name: /^Name/ }).fill('Quay West');
  await press('button', 'Create project');
  await page.getByText('Drop a spreadsheet here').waitFor();
  await page.setInputFiles('input[type=file]', PRICE_LIST);
  await press('button', 'Check the file');
  await press('button', 'Import 120 homes');
  await page.getByText('120 homes imported').waitFor();
  await press('button', 'Go on');
  await page.getByText('Drop floorplans here').waitFor();
  await press('button', 'Skip for now');
  await page.getByRole('button', { name: 'Invite people' }).waitFor();
  await press('button', 'Skip for now');
  await press('button', /Let administrators/);
  await press('link', 'Draft the first contract');
  await press('combobox', 'Home');
  await press('option');
  await page.getByLabel('Full name').fill('Nora Castellano');
  await press('button', 'Draft contract');
  await page.getByText('A draft. Submit it once price and buyers are right.').waitFor();
  return { clicks: clicks(), seconds: (Date.now() - began) / 1000 };
}

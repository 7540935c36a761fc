import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { session } from '@/auth/session';
import { bodyOf, showStory } from '@/stories/render';
import type { Answers } from '@/stories/story';
import { home, homes, page, site } from './samples';
import { stacks, tally } from './tally';

vi.setConfig({ testTimeout: 30_000 });
afterEach(() => {
  session.closed();
  vi.unstubAllGlobals();
});

const open = (more: Answers = {}) =>
  showStory({
    path: '/homes/unt_101',
    answers: { ...site, 'GET /v1/units/unt_101': { body: home('101'), etag: '"7"' }, ...more },
    shows: 'No contract yet.',
  });

describe('counting', () => {
  it('adds up by status and finds the lowest price that is free', () => {
    const cheap = home('301', { price: { amount_minor: 100, currency: 'USD' }, status: 'offer' });
    expect(tally([...homes, cheap])).toEqual({
      all: 5,
      by: { available: 1, offer: 2, pending_signature: 1, unreleased: 0, not_for_sale: 1 },
      from: { amount_minor: 71_250_000, currency: 'USD' },
      value: { amount_minor: 71_250_000, currency: 'USD' },
    });
  });

  it('stacks floors from the top, homes as people count, those without a building last', () => {
    const all = [home('9'), home('10', { floor: 9 }), home('201'), home('x', { building_id: null, floor: null })];
    const [tower, site] = stacks(all, ['bld_1']);
    expect(tower?.floors.map(({ floor, homes }) => [floor, homes.map(({ number }) => number)])).toEqual([
      [9, ['9', '10']],
      [2, ['201']],
    ]);
    expect(site?.buildingId).toBeNull();
  });
});

describe('a home', () => {
  it('is changed by what changed, at the version that was seen', async () => {
    const { sent } = await open({ 'PATCH /v1/units/unt_101': { body: home('101', { floor: 3 }), etag: '"8"' } });
    await userEvent.click(await screen.findByRole('button', { name: 'Edit' }));
    const dialog = within(await screen.findByRole('dialog'));
    await userEvent.clear(dialog.getByLabelText('Floor'));
    await userEvent.type(dialog.getByLabelText('Floor'), '3');
    await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
    expect(await screen.findByText('Saved')).toBeInTheDocument();
    expect(await bodyOf(sent, 'PATCH /v1/units/unt_101')).toEqual({ floor: 3 });
    expect(sent.find(({ method }) => method === 'PATCH')?.headers.get('if-match')).toBe('"7"');
  });

  it('shows both versions when somebody changed it first', async () => {
    let reads = 0;
    await open({
      'GET /v1/units/unt_101': () => ({
        body: home('101', (reads += 1) > 1 ? { not_for_sale_reason: 'Model home', status: 'not_for_sale' } : {}),
        etag: `"${reads}"`,
      }),
      'PATCH /v1/units/unt_101': { problem: 412 },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Keep from sale' }));
    const dialog = within(await screen.findByRole('dialog'));
    await userEvent.type(dialog.getByLabelText(/Why is it kept/), 'Sales office');
    await userEvent.click(dialog.getByRole('button', { name: 'Keep from sale' }));
    const conflict = within(await screen.findByRole('dialog', { name: /Somebody changed this/ }));
    expect(conflict.getByText('Sales office')).toBeInTheDocument();
    expect(conflict.getByText('Model home')).toBeInTheDocument();
  });

  it('says at its field that a number is taken', async () => {
    await showStory({
      path: '/homes?project=prj_1',
      answers: { ...site, 'POST /v1/units': { problem: 409, kind: 'unit-number-taken' } },
      shows: '101',
    });
    await userEvent.click(await screen.findByRole('button', { name: 'New home' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'New home in Harbor Point' }));
    await userEvent.type(dialog.getByLabelText(/^Number/), '101');
    await userEvent.type(dialog.getByLabelText(/^Price/), '650000');
    await userEvent.click(dialog.getByRole('button', { name: 'Add home' }));
    await waitFor(() => expect(dialog.getByLabelText(/^Number/)).toBeInvalid());
  });
});

describe('the board', () => {
  it('dims what is not asked for and shows a home at a glance', async () => {
    const { sent } = await showStory({
      path: '/homes?view=board',
      answers: { ...site, 'GET /v1/units/unt_102': { body: homes[1], etag: '"1"' } },
      shows: 'North Tower',
    });
    await userEvent.click(await screen.findByRole('button', { name: /^Offer/ }));
    const offer = screen.getByRole('button', { name: 'Home 102, Offer, $640,000' });
    expect(offer).not.toHaveAttribute('data-dim');
    expect(screen.getByRole('button', { name: /Home 101/ })).toHaveAttribute('data-dim');
    await userEvent.click(offer);
    expect(await screen.findByText('A contract is being prepared.')).toBeInTheDocument();
    // One request for the whole board, whatever is dimmed.
    expect(sent.filter(({ url }) => new URL(url).pathname === '/v1/units/board')).toHaveLength(1);
  });
});

describe('many homes', () => {
  it('are put on sale one after the other, each at its own version', async () => {
    const kept = [
      home('101', { status: 'not_for_sale', not_for_sale_reason: 'Model' }),
      home('102', { status: 'not_for_sale', not_for_sale_reason: 'Model' }),
    ];
    const { sent } = await showStory({
      path: '/homes?project=prj_1',
      answers: {
        ...site,
        'GET /v1/units': page(...kept),
        'GET /v1/units/unt_101': { body: kept[0], etag: '"3"' },
        'GET /v1/units/unt_102': { body: kept[1], etag: '"5"' },
        'PATCH /v1/units/unt_101': { body: home('101'), etag: '"4"' },
        'PATCH /v1/units/unt_102': { body: home('102'), etag: '"6"' },
      },
      shows: '102',
    });
    await userEvent.click(await screen.findByRole('checkbox', { name: 'Select all loaded rows' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Put on sale again' }));
    expect(await screen.findByText('2 homes changed')).toBeInTheDocument();
    const patches = sent.filter(({ method }) => method === 'PATCH');
    expect(patches.map(({ headers }) => headers.get('if-match'))).toEqual(['"3"', '"5"']);
  });
});

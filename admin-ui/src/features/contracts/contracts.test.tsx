import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ContractOut } from '@/api/schema';
import { session } from '@/auth/session';
import { bodyOf, showStory } from '@/stories/render';
import { everybody, type Answers } from '@/stories/story';
import { around } from './ContractPage.stories';
import { stories as formStories } from './NewContractPage.stories';
import { draft, page, project, submitted } from './sample';

vi.setConfig({ testTimeout: 30_000 });

afterEach(() => {
  session.closed();
  vi.unstubAllGlobals();
});

const one = (contract: ContractOut, more: Answers = {}) =>
  showStory({
    path: `/contracts/${contract.id}`,
    answers: {
      ...around,
      'GET /v1/units/unt_2': { problem: 404 },
      [`GET /v1/contracts/${contract.id}`]: { body: contract, etag: '"1"' },
      ...more,
    },
    shows: 'Agreed price',
  });

const without = (permission: string): Answers => ({
  'GET /v1/me': {
    body: {
      ...everybody,
      membership: {
        ...everybody.membership!,
        permissions: everybody.membership!.permissions.filter((held) => held !== permission),
      },
    },
  },
});

describe('a contract', () => {
  it('is submitted at once, with a way back', async () => {
    const { sent } = await one(draft, {
      'POST /v1/contracts/ctr_1/submit': { body: { ...draft, state: 'submitted' }, etag: '"2"' },
      'POST /v1/contracts/ctr_1/return': { body: draft, etag: '"3"' },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Submit for approval' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Undo' }));
    await waitFor(() => expect(sent.some(({ url }) => url.endsWith('/ctr_1/return'))).toBe(true));
    expect(await screen.findByRole('button', { name: 'Submit for approval' })).toBeInTheDocument();
  });

  it('asks first where the role cannot take it back', async () => {
    const { sent } = await one(draft, without('contracts.approve'));
    await userEvent.click(await screen.findByRole('button', { name: 'Submit for approval' }));
    expect(await screen.findByRole('dialog', { name: 'Submit FUSION-14?' })).toBeInTheDocument();
    expect(sent.some(({ method, url }) => method === 'POST' && url.endsWith('/submit'))).toBe(false);
  });

  it('offers only what the role includes', async () => {
    await one(submitted, without('contracts.approve'));
    expect(screen.queryByRole('button', { name: 'Approve' })).not.toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Cancel contract' })).toBeInTheDocument();
  });

  it('is cancelled with a reason only', async () => {
    const { sent } = await one(draft, {
      'POST /v1/contracts/ctr_1/cancel': { body: { ...draft, state: 'cancelled' }, etag: '"2"' },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Cancel contract' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Cancel FUSION-14?' }));
    expect(dialog.getByRole('button', { name: 'Cancel contract' })).toBeDisabled();
    await userEvent.click(dialog.getByRole('combobox', { name: /Reason/ }));
    await userEvent.click(await screen.findByRole('option', { name: 'Better offer' }));
    await userEvent.type(dialog.getByLabelText('Note'), 'Bought elsewhere');
    await userEvent.click(dialog.getByRole('button', { name: 'Cancel contract' }));
    await waitFor(async () =>
      expect(await bodyOf(sent, 'POST /v1/contracts/ctr_1/cancel')).toEqual({
        reason: 'better_offer',
        note: 'Bought elsewhere',
      }),
    );
  });

  it('shows both versions when somebody else moved it first', async () => {
    let reads = 0;
    await one(submitted, {
      'GET /v1/contracts/ctr_2': () => ({
        body: { ...submitted, state: reads++ === 0 ? 'submitted' : 'cancelled' },
        etag: '"2"',
      }),
      'POST /v1/contracts/ctr_2/approve': { problem: 409, kind: 'contract-state' },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Approve' }));
    await userEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Approve' }));
    const dialog = within(await screen.findByRole('dialog', { name: /Somebody changed this/ }));
    expect(dialog.getByRole('row', { name: 'Status Approved Cancelled' })).toBeInTheDocument();
    expect(dialog.queryByRole('button', { name: 'Write mine' })).not.toBeInTheDocument();
  });

  it('discloses an address for a purpose', async () => {
    const { sent } = await one(draft, {
      'POST /v1/contacts/cnt_1/reveal': { body: { id: 'rvl_1', contact_id: 'cnt_1', email: 'maria@example.test' } },
    });
    await userEvent.click((await screen.findAllByRole('button', { name: 'Reveal E-mail' }))[0]!);
    await userEvent.type(await screen.findByLabelText('Purpose'), 'Closing date');
    await userEvent.click(await screen.findByRole('button', { name: 'Reveal' }));
    expect(await screen.findByText('maria@example.test')).toBeInTheDocument();
    expect(await bodyOf(sent, 'POST /v1/contacts/cnt_1/reveal')).toEqual({
      fields: ['email'],
      purpose: 'Closing date',
    });
  });
});

describe('the list', () => {
  it('says of each selected contract what became of it', async () => {
    const other = { ...submitted, id: 'ctr_3', number: 16 };
    const { sent } = await showStory({
      path: '/contracts',
      answers: {
        'GET /v1/projects': page([project]),
        'GET /v1/contracts': page([other, submitted, draft]),
        'POST /v1/contracts/ctr_2/approve': { body: { ...submitted, state: 'approved' }, etag: '"2"' },
        'POST /v1/contracts/ctr_3/approve': { problem: 403, kind: 'forbidden' },
      },
      shows: 'FUSION-16',
    });
    await userEvent.click(await screen.findByRole('checkbox', { name: 'Select all loaded rows' }));
    const bar = within(screen.getByRole('region', { name: '3 selected' }));
    await userEvent.click(bar.getByRole('button', { name: 'Approve' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Approve: 2 contracts' }));
    expect(dialog.getByText('1 selected contract is in another status and left out.')).toBeInTheDocument();
    await userEvent.click(dialog.getByRole('button', { name: 'Approve (2)' }));
    expect(await dialog.findByText('1 contract changed, 1 refused')).toBeInTheDocument();
    const refused = dialog.getByText('FUSION-16').closest('li')!;
    expect(within(refused).getByText('Ask an administrator if you need it.')).toBeInTheDocument();
    expect(sent.some(({ url }) => url.includes('ctr_1'))).toBe(false);
  });

  it('asks the server for what the URL says', async () => {
    const { sent } = await showStory({
      path: '/contracts?state=draft&project_id=prj_1',
      answers: { 'GET /v1/projects': page([project]), 'GET /v1/contracts': page([draft]) },
      shows: 'FUSION-14',
    });
    const asked = sent.filter(({ url }) => new URL(url).pathname === '/v1/contracts');
    expect(asked).toHaveLength(1);
    expect(Object.fromEntries(new URL(asked[0]!.url).searchParams)).toMatchObject({
      state: 'draft',
      project_id: 'prj_1',
    });
  });
});

describe('a new contract', () => {
  it('is sent to the cent, with its buyers', async () => {
    const { sent } = await showStory({
      ...formStories.full,
      answers: {
        ...around,
        ...formStories.full.answers,
        'POST /v1/contracts': { problem: 409, kind: 'unit-under-contract' },
      },
    });
    const price = await screen.findByRole('textbox', { name: 'Agreed price' });
    await userEvent.clear(price);
    await userEvent.type(price, '612345.67');
    await userEvent.type(screen.getByRole('textbox', { name: 'Full name' }), 'Maria Delgado');
    await userEvent.type(screen.getByRole('textbox', { name: 'Phone' }), '+1 512 555 0141');
    await userEvent.click(await screen.findByRole('button', { name: 'Draft contract' }));
    expect(await screen.findByText('The home was just sold')).toBeInTheDocument();
    expect(await bodyOf(sent, 'POST /v1/contracts')).toEqual({
      unit_id: 'unt_1',
      price: { amount_minor: 61234567, currency: 'USD' },
      buyers: [{ contact: { name: 'Maria Delgado', phone: '+1 512 555 0141' }, role: 'buyer' }],
    });
  });

  it('says at the field what the server refused', async () => {
    const refusal = { pointer: '/buyers/0/contact/email', message: 'is no address', code: 'malformed' };
    await showStory({
      ...formStories.full,
      answers: { ...around, ...formStories.full.answers },
    });
    const fetched = globalThis.fetch;
    vi.stubGlobal('fetch', (input: Request) =>
      input.method === 'POST' && input.url.endsWith('/v1/contracts')
        ? Promise.resolve(
            Response.json(
              { type: 'urn:keystead:problem:validation', title: 'No', status: 422, instance: 'r', errors: [refusal] },
              { status: 422 },
            ),
          )
        : fetched(input),
    );
    await userEvent.type(screen.getByRole('textbox', { name: 'Full name' }), 'Maria Delgado');
    await userEvent.type(screen.getByRole('textbox', { name: 'E-mail' }), 'maria@');
    await userEvent.click(await screen.findByRole('button', { name: 'Draft contract' }));
    expect(await screen.findByRole('textbox', { name: 'E-mail' })).toHaveAccessibleDescription('is no address');
  });
});

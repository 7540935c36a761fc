import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { session } from '@/auth/session';
import { page } from '@/features/contracts/sample';
import { bodyOf, showStory } from '@/stories/render';
import { stories as healthStories } from './HealthPage.stories';
import { stories as operatorStories } from './OperatorsPage.stories';
import { stories as signupStories } from './SignupsPage.stories';
import { around, stories as tenantStories } from './TenantPage.stories';
import { acme, signup, stuck } from './sample';

vi.setConfig({ testTimeout: 30_000 });

afterEach(() => {
  session.closed();
  vi.unstubAllGlobals();
});

describe('a sign-up', () => {
  it('is approved, which leads to its tenant', async () => {
    const { sent } = await showStory({
      ...signupStories.full,
      answers: {
        ...around,
        ...signupStories.full.answers,
        'POST /v1/platform/signups/sgn_1/approve': { body: acme },
      },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Decide' }));
    await userEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Approve' }));
    expect(await screen.findByRole('heading', { name: 'Acme Homes' })).toBeInTheDocument();
    expect(sent.some(({ url }) => url.endsWith('/sgn_1/approve'))).toBe(true);
  });

  it('is turned down with a note only', async () => {
    const { sent } = await showStory({
      ...signupStories.full,
      answers: {
        ...signupStories.full.answers,
        'POST /v1/platform/signups/sgn_1/reject': { body: { ...signup, state: 'rejected' } },
      },
    });
    await userEvent.click(screen.getByText('Quay Homes'));
    await userEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Turn down' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Turn Quay Homes down?' }));
    expect(dialog.getByRole('button', { name: 'Turn down' })).toBeDisabled();
    await userEvent.type(dialog.getByRole('textbox', { name: 'Why' }), 'Not a builder');
    await userEvent.click(dialog.getByRole('button', { name: 'Turn down' }));
    await waitFor(async () =>
      expect(await bodyOf(sent, 'POST /v1/platform/signups/sgn_1/reject')).toEqual({ note: 'Not a builder' }),
    );
  });

  it('cannot be approved before its address is verified', async () => {
    await showStory({
      ...signupStories.full,
      answers: { 'GET /v1/platform/signups': page([{ ...signup, state: 'unverified' }]) },
    });
    await userEvent.click(screen.getByText('Quay Homes'));
    expect(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Approve' })).toBeDisabled();
  });
});

describe('a tenant', () => {
  it('is off-boarded with a reason and its slug typed', async () => {
    const { sent } = await showStory({
      ...tenantStories.full,
      answers: { ...around, 'POST /v1/platform/tenants/tnt_1/offboard': { body: { ...acme, state: 'offboarded' } } },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Actions' }));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Off-board' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Off-board Acme Homes for good?' }));
    const confirm = dialog.getByRole('button', { name: 'Off-board' });
    await userEvent.type(dialog.getByRole('textbox', { name: 'Type acme to confirm' }), 'acme');
    expect(confirm).toBeDisabled();
    await userEvent.type(dialog.getByRole('textbox', { name: 'Reason' }), 'They asked to go');
    await userEvent.click(confirm);
    await waitFor(async () =>
      expect(await bodyOf(sent, 'POST /v1/platform/tenants/tnt_1/offboard')).toEqual({
        slug: 'acme',
        reason: 'They asked to go',
      }),
    );
  });

  it('that stopped half made goes on from there', async () => {
    let isMade = false;
    const { sent } = await showStory({
      ...tenantStories.stuck!,
      answers: {
        ...around,
        'GET /v1/platform/tenants/tnt_1': () => ({ body: isMade ? acme : stuck, etag: '"2"' }),
        'POST /v1/platform/tenants/tnt_1/provision': () => {
          isMade = true;
          return { body: acme, etag: '"2"' };
        },
      },
    });
    expect(screen.getByText('1 of 3 steps done')).toBeInTheDocument();
    await userEvent.click(await screen.findByRole('button', { name: 'Try again' }));
    await waitFor(() => expect(sent.some(({ url }) => url.endsWith('/provision'))).toBe(true));
    expect(await screen.findByText('Set up in 1 s')).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Try again' })).not.toBeInTheDocument();
  });

  it('shows what is over its limit', async () => {
    await showStory(tenantStories.full);
    expect(await screen.findByRole('progressbar', { name: 'Members and invitations: 12 of 10' })).toBeInTheDocument();
    expect(screen.getByText(/over the limit/)).toBeInTheDocument();
    expect(screen.getByText('Enabled')).toBeInTheDocument();
  });

  it('gets no limit when the field is emptied, at the version that was read', async () => {
    const { sent } = await showStory({
      ...tenantStories.full,
      answers: { ...around, 'PATCH /v1/platform/tenants/tnt_1': { body: { ...acme, max_members: null }, etag: '"4"' } },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Change plan and limits' }));
    await userEvent.clear(await screen.findByRole('textbox', { name: 'Members, invited ones included' }));
    await userEvent.click(await screen.findByRole('button', { name: 'Save' }));
    await waitFor(async () =>
      expect(await bodyOf(sent, 'PATCH /v1/platform/tenants/tnt_1')).toEqual({ max_members: null }),
    );
    expect(sent.find(({ method }) => method === 'PATCH')!.headers.get('if-match')).toBe('"3"');
  });
});

it('an operator loses access after a reason and their address typed; oneself cannot be chosen', async () => {
  const { sent } = await showStory({
    ...operatorStories.full,
    answers: { ...operatorStories.full.answers, 'POST /v1/platform/operators/idn_2/disable': { body: {} } },
  });
  expect(screen.queryByRole('button', { name: 'Take access from Olga Operator' })).not.toBeInTheDocument();
  await userEvent.click(await screen.findByRole('button', { name: 'Take access from Otto Operator' }));
  const dialog = within(await screen.findByRole('dialog'));
  await userEvent.type(dialog.getByRole('textbox', { name: 'Reason' }), 'Left the company');
  await userEvent.type(dialog.getByRole('textbox', { name: /^Type/ }), 'otto@keystead.test');
  await userEvent.click(dialog.getByRole('button', { name: 'Take access' }));
  await waitFor(async () =>
    expect(await bodyOf(sent, 'POST /v1/platform/operators/idn_2/disable')).toEqual({ reason: 'Left the company' }),
  );
});

it('a mail that was given up is tried again', async () => {
  const { sent } = await showStory({
    ...healthStories.full,
    answers: { ...healthStories.full.answers, 'POST /v1/platform/mail/mal_1/replay': { body: {} } },
  });
  await userEvent.click(await screen.findByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('The mail is tried again')).toBeInTheDocument();
  expect(sent.some(({ url }) => url.endsWith('/mal_1/replay'))).toBe(true);
});

it('a mail that was given up is called by its name in Spanish, too', async () => {
  await showStory({ ...healthStories.full, shows: 'Estado del sistema' }, 'es');
  expect(await screen.findByRole('cell', { name: 'Invitación' })).toBeInTheDocument();
});

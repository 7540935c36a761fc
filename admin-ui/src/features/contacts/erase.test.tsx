import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { session } from '@/auth/session';
import { page, site } from '@/features/homes/samples';
import { bodyOf, showStory } from '@/stories/render';
import { everybody, type Answers } from '@/stories/story';
import { erased, jane } from './samples';

vi.setConfig({ testTimeout: 30_000 });
afterEach(() => {
  session.closed();
  vi.unstubAllGlobals();
});

const CONTACT = 'GET /v1/contacts/cnt_1';
const ERASE = 'POST /v1/contacts/cnt_1/erase';

const open = (more: Answers = {}) =>
  showStory({
    path: '/contacts/cnt_1',
    answers: { ...site, 'GET /v1/audit/events': page(), [CONTACT]: { body: jane, etag: '"3"' }, ...more },
    shows: 'Reveal everything',
  });

async function dialog() {
  await userEvent.click(await screen.findByRole('button', { name: 'Actions' }));
  await userEvent.click(await screen.findByRole('menuitem', { name: 'Erase this person' }));
  return within(await screen.findByRole('dialog', { name: 'Erase J. D. for good?' }));
}

async function fill(form: Awaited<ReturnType<typeof dialog>>) {
  await userEvent.type(form.getByRole('textbox', { name: 'Reason' }), 'The buyer asked for it');
  await userEvent.type(form.getByRole('textbox', { name: /Type ERASE/ }), 'ERASE');
  await userEvent.click(form.getByRole('button', { name: 'Erase this person' }));
}

describe('erasing a person', () => {
  it('wants a reason and the word, and leaves a page of nobody', async () => {
    let isErased = false;
    const { sent } = await open({
      [CONTACT]: () => (isErased ? { body: erased, etag: '"4"' } : { body: jane, etag: '"3"' }),
      [ERASE]: () => {
        isErased = true;
        return { body: { ...erased, backups_closed_at: null }, etag: '"4"' };
      },
    });
    const form = await dialog();
    expect(form.getByText(/Nobody can undo this/)).toBeInTheDocument();
    const button = form.getByRole('button', { name: 'Erase this person' });
    await userEvent.type(form.getByRole('textbox', { name: /Type ERASE/ }), 'ERASE');
    expect(button).toBeDisabled();
    await userEvent.clear(form.getByRole('textbox', { name: /Type ERASE/ }));
    await fill(form);
    expect(await screen.findByRole('heading', { name: 'Erased person' })).toBeInTheDocument();
    expect(await bodyOf(sent, ERASE)).toEqual({ reason: 'The buyer asked for it', confirmation: 'ERASE' });
    expect(screen.queryByRole('button', { name: 'Edit contact' })).not.toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Actions' })).not.toBeInTheDocument();
    expect(await screen.findByText('Backups closed')).toBeInTheDocument();
    await waitFor(() => expect(screen.queryByText('in progress…')).not.toBeInTheDocument());
  });

  it('leads to the contract that stands in the way, and stays', async () => {
    await open({
      [ERASE]: {
        problem: 409,
        kind: 'contact-under-contract',
        blocked_by: [
          { id: 'ctr_0a', name: 'Contract 12' },
          { id: 'ctr_0b', name: 'Contract 7' },
        ],
      },
    });
    const form = await dialog();
    await fill(form);
    expect(await form.findByText('First cancel what they are party to')).toBeInTheDocument();
    expect(form.getByRole('link', { name: 'Open contract 12' })).toHaveAttribute('href', '/contracts/ctr_0a');
    expect(form.getByRole('link', { name: 'Open contract 7' })).toHaveAttribute('href', '/contracts/ctr_0b');
    expect(form.getByRole('button', { name: 'Erase this person' })).toBeEnabled();
  });

  it('is offered to those alone who may', async () => {
    const { membership } = everybody;
    const permissions = membership!.permissions.filter((permission) => permission !== 'contacts.erase');
    await open({ 'GET /v1/me': { body: { ...everybody, membership: { ...membership, permissions } }, etag: '"1"' } });
    expect(await screen.findByRole('button', { name: 'Edit contact' })).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Actions' })).not.toBeInTheDocument();
  });
});

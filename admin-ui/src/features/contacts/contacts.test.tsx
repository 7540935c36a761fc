import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { searchOf } from '@/api/queries/contacts';
import { session } from '@/auth/session';
import { page, site } from '@/features/homes/samples';
import { bodyOf, showStory } from '@/stories/render';
import type { Answers } from '@/stories/story';
import { EMPTY, patchOf } from './contactFields';
import { jane } from './samples';

vi.setConfig({ testTimeout: 30_000 });
afterEach(() => {
  session.closed();
  vi.unstubAllGlobals();
});

const open = (more: Answers = {}) =>
  showStory({
    path: '/contacts/cnt_1',
    answers: {
      ...site,
      'GET /v1/audit/events': page(),
      'GET /v1/contacts/cnt_1': { body: jane, etag: '"3"' },
      ...more,
    },
    shows: 'Reveal everything',
  });

describe('the search', () => {
  it('knows an address, a number and a name apart', () => {
    expect(searchOf('  jane@example.com ')).toEqual({ email: 'jane@example.com' });
    expect(searchOf('+1 512 555 0123')).toEqual({ phone: '+1 512 555 0123' });
    expect(searchOf('Jane D')).toEqual({ name: 'Jane D' });
    expect(searchOf('1 Main')).toEqual({ name: '1 Main' });
    expect(searchOf(' ')).toEqual({});
  });

  it('asks the API and leaves no trace in the URL or in storage', async () => {
    const before = Object.keys(localStorage).length;
    const { sent } = await showStory({
      path: '/contacts',
      answers: { ...site, 'GET /v1/contacts': page(jane) },
      shows: 'j…@e….com',
    });
    await userEvent.type(screen.getByRole('textbox', { name: 'Search contacts' }), 'jane@example.com');
    const asked = () => sent.filter(({ url }) => url.includes('/v1/contacts')).map(({ url }) => new URL(url));
    await waitFor(() => expect(asked().at(-1)?.searchParams.get('email')).toBe('jane@example.com'));
    expect(window.location.href).not.toContain('jane');
    expect(Object.keys(localStorage)).toHaveLength(before);
  });
});

describe('a contact', () => {
  it('is disclosed for a purpose, one field at a time', async () => {
    const { sent } = await open({
      'POST /v1/contacts/cnt_1/reveal': { body: { id: 'rvl_1', contact_id: 'cnt_1', email: 'jane@example.com' } },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Reveal E-mail' }));
    await userEvent.type(await screen.findByLabelText('Purpose'), 'Sending the brochure');
    await userEvent.click(await screen.findByRole('button', { name: 'Reveal' }));
    expect(await screen.findByText('jane@example.com')).toBeInTheDocument();
    expect(await bodyOf(sent, 'POST /v1/contacts/cnt_1/reveal')).toEqual({
      fields: ['email'],
      purpose: 'Sending the brochure',
    });
  });

  it('is changed by what was typed, and nothing that is masked goes back', async () => {
    const { sent } = await open({ 'PATCH /v1/contacts/cnt_1': { body: jane, etag: '"4"' } });
    await userEvent.click(await screen.findByRole('button', { name: 'Edit contact' }));
    const dialog = within(await screen.findByRole('dialog'));
    await userEvent.type(dialog.getByRole('textbox', { name: 'Phone' }), '512 555 0199');
    await userEvent.click(dialog.getByRole('checkbox', { name: 'Address' }));
    await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
    expect(await screen.findByText('Saved')).toBeInTheDocument();
    expect(await bodyOf(sent, 'PATCH /v1/contacts/cnt_1')).toEqual({ address: null, phone: '512 555 0199' });
    // An undo would have to write what is not known here.
    expect(screen.queryByRole('button', { name: 'Undo' })).not.toBeInTheDocument();
  });

  it('shows a conflict with their version masked', async () => {
    await open({ 'PATCH /v1/contacts/cnt_1': { problem: 412 } });
    await userEvent.click(await screen.findByRole('button', { name: 'Edit contact' }));
    const dialog = within(await screen.findByRole('dialog'));
    await userEvent.type(dialog.getByRole('textbox', { name: 'E-mail' }), 'new@example.com');
    await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
    const conflict = within(await screen.findByRole('dialog', { name: /Somebody changed this/ }));
    expect(conflict.getByText('new@example.com')).toBeInTheDocument();
    expect(conflict.getByText('j…@e….com')).toBeInTheDocument();
  });

  it('names only what was filled in', () => {
    expect(patchOf({ ...EMPTY, name: ' Jane ', city: 'Austin' })).toEqual({
      name: 'Jane',
      address: { city: 'Austin' },
    });
  });
});

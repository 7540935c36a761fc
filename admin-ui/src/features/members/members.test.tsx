import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { session } from '@/auth/session';
import { page } from '@/features/contracts/sample';
import { bodyOf, showStory } from '@/stories/render';
import type { Answers } from '@/stories/story';
import { PHONE } from '@/ui/usePhone';
import { stories as invitationStories } from './Invitations.stories';
import { stories } from './MembersPage.stories';
import { stories as roleStories } from './Roles.stories';
import { grace, invitation, roles } from './sample';

vi.setConfig({ testTimeout: 30_000 });

afterEach(() => {
  session.closed();
  vi.unstubAllGlobals();
});

const shown = (more: Answers = {}) =>
  showStory({
    ...stories.full,
    answers: { ...stories.full.answers, 'GET /v1/members/mem_2': { body: grace, etag: '"4"' }, ...more },
  });

/** What is asked of the screen's width, a phone answers. */
const onPhone = () => {
  const wide = window.matchMedia;
  vi.stubGlobal('matchMedia', (query: string) => ({ ...wide(query), matches: query === PHONE }));
};

const pick = async (box: HTMLElement, option: string) => {
  await userEvent.click(box);
  await userEvent.click(await screen.findByRole('option', { name: option }));
};

describe('a member', () => {
  it('gets another role and every project, at the version that was read', async () => {
    const { sent } = await shown({
      'PATCH /v1/members/mem_2': { body: { ...grace, all_projects: true }, etag: '"5"' },
    });
    await userEvent.click(screen.getByText('Grace Hopper'));
    const dialog = within(await screen.findByRole('dialog', { name: 'Change Grace Hopper' }));
    await pick(await dialog.findByRole('combobox', { name: 'Role' }), 'Administrator');
    await userEvent.click(dialog.getByRole('radio', { name: /Every project/ }));
    await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
    await waitFor(async () =>
      expect(await bodyOf(sent, 'PATCH /v1/members/mem_2')).toEqual({
        role_id: 'rol_1',
        all_projects: true,
        project_ids: [],
      }),
    );
    expect(sent.find(({ method }) => method === 'PATCH')!.headers.get('if-match')).toBe('"4"');
    expect(await screen.findByRole('button', { name: 'Undo' })).toBeInTheDocument();
  });

  it('shows both versions after a conflict, and writes its own over theirs only when told', async () => {
    let reads = 0;
    let writes = 0;
    const theirs = { ...grace, name: 'Rear Admiral Hopper' };
    const { sent } = await shown({
      'GET /v1/members/mem_2': () => (reads++ === 0 ? { body: grace, etag: '"4"' } : { body: theirs, etag: '"5"' }),
      'PATCH /v1/members/mem_2': () =>
        writes++ === 0
          ? { problem: 412, kind: 'version-conflict' }
          : { body: { ...grace, name: 'Amazing Grace' }, etag: '"6"' },
    });
    await userEvent.click(screen.getByText('Grace Hopper'));
    const name = await screen.findByRole('textbox', { name: 'Name' });
    await userEvent.clear(name);
    await userEvent.type(name, 'Amazing Grace');
    await userEvent.click(await screen.findByRole('button', { name: 'Save' }));
    const dialog = within(await screen.findByRole('dialog', { name: /Somebody changed this/ }));
    expect(dialog.getByRole('row', { name: 'Name Amazing Grace Rear Admiral Hopper' })).toBeInTheDocument();
    await userEvent.click(dialog.getByRole('button', { name: 'Write mine' }));
    await waitFor(() => expect(sent.filter(({ method }) => method === 'PATCH')).toHaveLength(2));
    expect(sent.findLast(({ method }) => method === 'PATCH')!.headers.get('if-match')).toBe('"5"');
  });

  it('is suspended after a question, never oneself', async () => {
    const { sent } = await shown({
      'PATCH /v1/members/mem_2': { body: { ...grace, state: 'suspended' }, etag: '"5"' },
    });
    await userEvent.click(await screen.findByRole('checkbox', { name: 'Select all loaded rows' }));
    await userEvent.click(within(screen.getByRole('region')).getByRole('button', { name: 'Suspend' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Suspend 1 member?' }));
    await userEvent.click(dialog.getByRole('button', { name: 'Suspend' }));
    expect(await screen.findByText('1 member suspended')).toBeInTheDocument();
    expect(sent.filter(({ method }) => method === 'PATCH').map(({ url }) => new URL(url).pathname)).toEqual([
      '/v1/members/mem_2',
    ]);
  });
});

describe('invitations', () => {
  it('are sent from a pasted list at once; a line that is refused holds all back', async () => {
    const BULK = 'POST /v1/invitations/bulk';
    const { sent } = await shown();
    const answered = globalThis.fetch;
    const taken = { pointer: '/invitations/1/email', message: 'is a member already', code: 'taken' };
    let refuses = true;
    vi.stubGlobal('fetch', (input: Request) => {
      if (!(input.method === 'POST' && input.url.endsWith('/bulk'))) return answered(input);
      sent.push(input.clone());
      if (!refuses) return Promise.resolve(Response.json({ items: [invitation] }, { status: 201 }));
      const problem = { type: 'urn:keystead:problem:validation', title: 'No', status: 422, errors: [taken] };
      return Promise.resolve(Response.json(problem, { status: 422 }));
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Invite people' }));
    await userEvent.click(await screen.findByRole('radio', { name: 'Several' }));
    const box = await screen.findByRole('textbox', { name: 'People' });
    await userEvent.click(box);
    await userEvent.paste('Alan Turing <alan@acme.test>, administrator\ngrace@acme.test');
    const send = screen.getByRole('button', { name: 'Send 2 invitations' });
    expect(send).toBeDisabled();
    await pick(screen.getByRole('combobox', { name: /Role, where/ }), 'Viewer');
    await userEvent.click(send);
    expect(await screen.findByText(/Nothing was sent/)).toBeInTheDocument();
    expect(within(screen.getByRole('list', { name: 'Result' })).getByText('is a member already')).toBeInTheDocument();
    expect(await bodyOf(sent, BULK)).toEqual({
      invitations: [
        { email: 'alan@acme.test', role_id: 'rol_1', all_projects: true, project_ids: [] },
        { email: 'grace@acme.test', role_id: 'rol_2', all_projects: true, project_ids: [] },
      ],
    });
    refuses = false;
    await userEvent.clear(box);
    await userEvent.click(box);
    await userEvent.paste('Alan Turing <alan@acme.test>, administrator');
    await userEvent.click(screen.getByRole('button', { name: 'Send 1 invitation' }));
    expect(await screen.findByText('1 invitation sent')).toBeInTheDocument();
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
  });

  it('of a pasted list say in Spanish why they are refused', async () => {
    const errors = [{ pointer: '/invitations/0/email', message: 'is a member already', code: 'taken' }];
    const answers = { ...stories.full.answers, 'POST /v1/invitations/bulk': { problem: 422, kind: 'invalid', errors } };
    await showStory({ ...stories.full, answers }, 'es');
    await userEvent.click(await screen.findByRole('button', { name: 'Invitar personas' }));
    await userEvent.click(await screen.findByRole('radio', { name: 'Varias' }));
    await userEvent.click(await screen.findByRole('textbox', { name: 'Personas' }));
    await userEvent.paste('Grace Hopper <grace@acme.test>, viewer');
    await userEvent.click(await screen.findByRole('button', { name: 'Enviar 1 invitación' }));
    const result = within(await screen.findByRole('list', { name: 'Resultado' }));
    expect(await result.findByText('Ya está en uso.')).toBeInTheDocument();
  });

  it('are sent again', async () => {
    const { sent } = await showStory({
      ...invitationStories.full,
      answers: { ...invitationStories.full.answers, 'POST /v1/invitations/inv_1/resend': { body: invitation } },
    });
    await userEvent.click(await screen.findByRole('checkbox', { name: 'Select row alan@acme.test' }));
    await userEvent.click(within(screen.getByRole('region')).getByRole('button', { name: 'Send again' }));
    await waitFor(() => expect(sent.some(({ url }) => url.endsWith('/inv_1/resend'))).toBe(true));
  });

  it('are revoked after a question', async () => {
    const { sent } = await showStory({
      ...invitationStories.full,
      answers: { ...invitationStories.full.answers, 'DELETE /v1/invitations/inv_1': { body: {} } },
    });
    await userEvent.click(await screen.findByRole('checkbox', { name: 'Select row alan@acme.test' }));
    await userEvent.click(within(screen.getByRole('region')).getByRole('button', { name: 'Revoke' }));
    await userEvent.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Revoke' }));
    expect(await screen.findByText('Invitation of alan@acme.test revoked')).toBeInTheDocument();
    expect(sent.some(({ method }) => method === 'DELETE')).toBe(true);
  });

  it('that were replaced or are over are not selected, and cannot be', async () => {
    const again = { ...invitation, id: 'inv_2' };
    const over = { ...invitation, state: 'revoked' };
    const taken = { ...invitation, id: 'inv_3', email: 'joan@acme.test', state: 'accepted' };
    let resent = false;
    await showStory({
      ...invitationStories.full,
      answers: {
        ...invitationStories.full.answers,
        'GET /v1/invitations': () => page(resent ? [again, over, taken] : [invitation, taken]),
        'POST /v1/invitations/inv_1/resend': () => {
          resent = true;
          return { body: again };
        },
      },
    });
    await userEvent.click(await screen.findByRole('checkbox', { name: 'Select all loaded rows' }));
    const bar = within(screen.getByRole('region', { name: '1 selected' }));
    expect(screen.queryByRole('checkbox', { name: 'Select row joan@acme.test' })).not.toBeInTheDocument();
    await userEvent.click(bar.getByRole('button', { name: 'Send again' }));
    expect(await screen.findByText('Revoked')).toBeInTheDocument();
    await waitFor(() => expect(screen.queryByRole('region')).not.toBeInTheDocument());
    expect(screen.getByRole('checkbox', { name: 'Select row alan@acme.test' })).not.toBeChecked();
  });

  it('are selected on a phone once asked to, by touching their cards', async () => {
    onPhone();
    const { sent } = await showStory({
      ...invitationStories.full,
      answers: { ...invitationStories.full.answers, 'POST /v1/invitations/inv_1/resend': { body: invitation } },
    });
    expect(screen.queryByRole('checkbox')).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Select' }));
    const card = screen.getByRole('row');
    await userEvent.click(card);
    expect(within(card).getByRole('checkbox', { name: 'Select row alan@acme.test' })).toBeChecked();
    await userEvent.click(card);
    expect(screen.queryByRole('region')).not.toBeInTheDocument();
    await userEvent.click(card);
    const bar = within(screen.getByRole('region', { name: '1 selected' }));
    expect(bar.getByRole('button', { name: 'Revoke' })).toBeInTheDocument();
    await userEvent.click(bar.getByRole('button', { name: 'Send again' }));
    await waitFor(() => expect(sent.some(({ url }) => url.endsWith('/inv_1/resend'))).toBe(true));
    await userEvent.click(bar.getByRole('button', { name: 'Clear selection' }));
    expect(screen.queryByRole('checkbox')).not.toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Select' })).toBeInTheDocument();
  });
});

describe('a role', () => {
  it('changes by what is ticked', async () => {
    const viewer = roles[0]!;
    const { sent } = await showStory({
      ...roleStories.full,
      answers: {
        ...roleStories.full.answers,
        'GET /v1/roles/rol_2': { body: viewer, etag: '"1"' },
        'PATCH /v1/roles/rol_2': { body: viewer, etag: '"2"' },
      },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Change role Viewer' }));
    const dialog = within(await screen.findByRole('dialog'));
    await userEvent.click(await dialog.findByRole('checkbox', { name: 'Draft and submit' }));
    await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
    await waitFor(async () =>
      expect(await bodyOf(sent, 'PATCH /v1/roles/rol_2')).toEqual({
        permissions: ['contracts.write', 'projects.read', 'units.read'],
      }),
    );
  });

  it('of the administrator keeps what nobody may lose', async () => {
    await showStory({
      ...roleStories.full,
      answers: { ...roleStories.full.answers, 'GET /v1/roles/rol_1': { body: roles[1], etag: '"1"' } },
    });
    await userEvent.click(await screen.findByRole('button', { name: 'Change role Administrator' }));
    const dialog = within(await screen.findByRole('dialog'));
    await dialog.findByRole('checkbox', { name: 'Draft and submit' });
    expect(dialog.getAllByRole('checkbox').filter((box) => (box as HTMLInputElement).disabled)).toHaveLength(4);
  });
});

import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import { session } from '@/auth/session';
import { showStory } from '@/stories/render';
import { everybody } from '@/stories/story';
import { around, stories } from './AuditPage.stories';

vi.setConfig({ testTimeout: 30_000 });

afterEach(() => {
  session.closed();
  localStorage.clear();
  vi.unstubAllGlobals();
});

it('shows what an event changed, money as money', async () => {
  await showStory(stories.full);
  await userEvent.click(screen.getByText('Contract approved'));
  const dialog = within(await screen.findByRole('dialog', { name: 'Contract approved' }));
  expect(dialog.getByRole('row', { name: 'status Submitted Approved' })).toBeInTheDocument();
  expect(dialog.getByRole('row', { name: 'price $1 $606,490.50' })).toBeInTheDocument();
});

it('says in Spanish what an event changed', async () => {
  await showStory({ ...stories.full, shows: 'Contrato · aprobación' }, 'es');
  await userEvent.click(screen.getByText('Contrato · aprobación'));
  const dialog = within(await screen.findByRole('dialog', { name: 'Contrato · aprobación' }));
  expect(dialog.getByRole('row', { name: 'estado Enviado Aprobado' })).toBeInTheDocument();
});

it('shows of personal data a fingerprint only, and leaves out what was not given', async () => {
  await showStory(stories.full);
  await userEvent.click(screen.getByText('Contact created'));
  const dialog = within(await screen.findByRole('dialog'));
  expect(dialog.getByRole('row', { name: 'e-mail encrypted, 3667d7ef' })).toBeInTheDocument();
  expect(dialog.queryByRole('row', { name: /phone/ })).not.toBeInTheDocument();
});

it('asks the server for what the filters say', async () => {
  const { sent } = await showStory({ ...stories.full, path: '/audit?object_kind=contract&actor=mem_1' });
  const asked = sent.find(({ url }) => new URL(url).pathname === '/v1/audit/events')!;
  expect(Object.fromEntries(new URL(asked.url).searchParams)).toMatchObject({
    object_kind: 'contract',
    actor: 'mem_1',
  });
});

it('says where the chain is broken', async () => {
  await showStory(stories.full);
  const answered = globalThis.fetch;
  const tenant = '0197f0a1b2c37d4e8f90a1b2c3d4e5f6';
  const manifest = { format: 'keystead-audit-v1', tenant: `tnt_${tenant}`, from: 1, count: 2, prev: 'no', head: 'no' };
  vi.stubGlobal('fetch', (input: Request) =>
    input.url.endsWith('/v1/audit/export')
      ? Promise.resolve(new Response(`${JSON.stringify(manifest)}\n`))
      : answered(input),
  );
  await userEvent.click(await screen.findByRole('button', { name: 'Verify' }));
  expect(await screen.findByText('The chain is broken')).toBeInTheDocument();
  expect(screen.getByText(/the chain does not start where it should/)).toBeInTheDocument();
  expect(screen.queryByText(/^Verified/)).not.toBeInTheDocument();
});

it('offers verification and export only to who works in every project', async () => {
  const membership = { ...everybody.membership!, project_ids: ['prj_1'] };
  await showStory({
    ...stories.full,
    answers: { ...around, 'GET /v1/me': { body: { ...everybody, membership } } },
  });
  expect(await screen.findByText(/your role works in some/)).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Export' })).not.toBeInTheDocument();
});

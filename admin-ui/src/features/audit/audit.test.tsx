import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { session } from '@/auth/session';
import type { Language } from '@/i18n/language';
import { showStory } from '@/stories/render';
import { everybody } from '@/stories/story';
import { around, stories } from './AuditPage.stories';
import { key, manifest as signedManifest, otherKey, signedExport, withManifest } from './vectors';

vi.setConfig({ testTimeout: 30_000 });

afterEach(() => {
  session.closed();
  localStorage.clear();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
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
  const start = { format: 'keystead-audit-v1', tenant: `tnt_${tenant}`, from: 1, count: 2, prev: 'no', head: 'no' };
  const manifest = { ...start, checkpoints: [] };
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

describe('what is signed', () => {
  const newest = signedManifest.checkpoints[2]!;
  const at = new Date(Date.now() - 5 * 60_000 - 1000).toISOString();
  const checkpoint = { ...newest, at };
  const STORED = 'keystead-verified:ten_1';

  /** The page over the chain of the vectors, with this export. */
  async function shown({ text = signedExport, signed = true, language = 'en' as Language } = {}) {
    const head = { n: 12, hash: signedManifest.head, checkpoint: signed ? checkpoint : null };
    const answers = { ...around, 'GET /v1/audit/head': { body: head }, 'GET /v1/audit/key': { body: { key } } };
    const { sent } = await showStory({ ...stories.full, shows: /^(Contract|Contrato) /, answers }, language);
    const answered = globalThis.fetch;
    vi.stubGlobal('fetch', (input: Request) => {
      if (!input.url.endsWith('/v1/audit/export')) return answered(input);
      sent.push(input.clone());
      return Promise.resolve(new Response(text));
    });
    return { exported: () => sent.some(({ url }) => url.endsWith('/v1/audit/export')) };
  }

  const stored = () => JSON.parse(localStorage.getItem(STORED) ?? 'null') as unknown;
  const knows = (keys: string[]) =>
    localStorage.setItem(STORED, JSON.stringify({ n: 12, hash: signedManifest.head, at, signed: 12, keys }));
  const verify = async () => userEvent.click(await screen.findByRole('button', { name: 'Verify' }));

  /** The files that the page saves, by name. */
  function saved(): Map<string, Blob> {
    const files = new Map<string, Blob>();
    let last = new Blob();
    URL.createObjectURL = (file: Blob) => {
      last = file;
      return 'blob:story';
    };
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      files.set(this.download, last);
    });
    return files;
  }

  const textOf = (file: Blob | undefined) =>
    new Promise((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result);
      reader.readAsText(file!);
    });

  it('is said beside the length, and can be kept', async () => {
    const files = saved();
    await shown();
    const person = userEvent.setup();
    const button = await screen.findByRole('button', { name: 'Signed up to event 12, 5 min. ago' });
    expect(button).toHaveAttribute('aria-haspopup', 'dialog');
    await person.click(button);
    const dialog = within(await screen.findByRole('dialog'));
    await person.click(dialog.getByRole('button', { name: 'Download the checkpoint' }));
    await person.click(dialog.getByRole('button', { name: 'Download the key' }));
    await person.click(dialog.getByRole('button', { name: 'Copy the key' }));
    expect([...files.keys()]).toEqual(['checkpoint-acme-12.tlog-proof', 'keystead-audit.key']);
    expect(await textOf(files.get('checkpoint-acme-12.tlog-proof'))).toBe(newest.proof);
    expect(await textOf(files.get('keystead-audit.key'))).toBe(`${key}\n`);
    expect(await navigator.clipboard.readText()).toBe(key);
    expect(dialog.getByText(/^keystead audit verify audit\.ndjson --key keystead-audit\.key/)).toBeInTheDocument();
  });

  it('is opened and closed with the keyboard, and gives the focus back', async () => {
    await shown();
    const person = userEvent.setup();
    (await screen.findByRole('button', { name: /^Signed up to/ })).focus();
    await person.keyboard('{Enter}');
    const dialog = await screen.findByRole('dialog');
    await waitFor(() => expect(dialog).toContainElement(document.activeElement as HTMLElement));
    await person.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    expect(screen.getByRole('button', { name: /^Signed up to/ })).toHaveFocus();
  });

  it('may be nothing yet', async () => {
    await shown({ signed: false });
    await userEvent.click(await screen.findByRole('button', { name: 'Not signed yet' }));
    const dialog = within(await screen.findByRole('dialog'));
    expect(dialog.getByRole('button', { name: 'Copy the key' })).toBeEnabled();
    expect(dialog.queryByRole('button', { name: 'Download the checkpoint' })).not.toBeInTheDocument();
  });

  it('is verified with the chain, and the key is remembered', async () => {
    await shown();
    await verify();
    expect(await screen.findByText(/^Verified: 12 events, all signed, /)).toBeInTheDocument();
    expect(stored()).toMatchObject({ n: 12, hash: signedManifest.head, signed: 12, keys: [key] });
  });

  it('may end before the chain does', async () => {
    const text = withManifest(({ checkpoints }) => checkpoints.splice(2));
    await shown({ text, signed: false });
    await verify();
    expect(await screen.findByText(/^Verified: 12 events, signed up to 8, /)).toBeInTheDocument();
  });

  it('makes no key trusted that signed nothing', async () => {
    await shown({ signed: false, text: withManifest(({ checkpoints }) => checkpoints.splice(0)) });
    await verify();
    expect(await screen.findByText(/^Verified: 12 events, (?!all)/)).toBeInTheDocument();
    expect(stored()).toMatchObject({ n: 12, signed: null, keys: [] });
  });

  it('goes on from what was verified before there were signatures', async () => {
    localStorage.setItem(STORED, JSON.stringify({ n: 12, hash: signedManifest.head, at }));
    await shown();
    expect(await screen.findByText(/^Verified: 12 events, 5 min/)).toBeInTheDocument();
    await verify();
    expect(await screen.findByText(/^Verified: 12 events, all signed, /)).toBeInTheDocument();
    expect(stored()).toMatchObject({ keys: [key] });
  });

  it('is said to be broken where the key did not sign it', async () => {
    await shown({ text: withManifest(({ checkpoints }) => checkpoints.splice(1, 1)) });
    await verify();
    expect(await screen.findByText('The chain is broken')).toBeInTheDocument();
    expect(screen.getByText(/^Event 12: its checkpoint is not signed by the key/)).toBeInTheDocument();
    expect(stored()).toBeNull();
  });

  it('is not verified with another key than the one this browser knows, until somebody accepts it', async () => {
    const before = (await otherKey()).text;
    knows([before]);
    const { exported } = await shown();
    const alert = within(await screen.findByRole('alert'));
    expect(alert.getByText('The signing key is another than the one this browser knows')).toBeInTheDocument();
    expect(alert.getByText(/Support must confirm/)).toBeInTheDocument();
    expect(alert.getByText(key)).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Verify' })).toBeDisabled();

    const ask = async () => {
      await userEvent.click(alert.getByRole('button', { name: 'Accept the new key' }));
      return within(await screen.findByRole('dialog', { name: 'Accept the new signing key?' }));
    };
    await userEvent.click((await ask()).getByRole('button', { name: 'Cancel' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    expect(stored()).toMatchObject({ keys: [before] });

    await userEvent.click((await ask()).getByRole('button', { name: 'Accept the new key' }));
    await waitFor(() => expect(screen.queryByRole('alert')).not.toBeInTheDocument());
    expect(stored()).toMatchObject({ keys: [before, key] });
    expect(exported()).toBe(false);
    await verify();
    expect(await screen.findByText(/^Verified: 12 events, all signed, (now|\d+ sec)/)).toBeInTheDocument();
    expect(stored()).toMatchObject({ keys: [before, key] });
  });

  it('is proved by the key that this browser knows while the API tells another', async () => {
    const files = saved();
    const before = (await otherKey()).text;
    knows([before]);
    await shown();
    await screen.findByRole('alert');
    await userEvent.click(screen.getByRole('button', { name: /^Signed up to/ }));
    await userEvent.click(await screen.findByRole('button', { name: 'Download the key' }));
    expect(await textOf(files.get('keystead-audit.key'))).toBe(`${before}\n`);
  });

  it('is not exported when the key changed since the page was loaded', async () => {
    knows([key]);
    const { exported } = await shown();
    await screen.findByRole('button', { name: 'Verify' });
    const answered = globalThis.fetch;
    const { text } = await otherKey();
    vi.stubGlobal('fetch', (input: Request) =>
      input.url.endsWith('/v1/audit/key') ? Promise.resolve(Response.json({ key: text })) : answered(input),
    );
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
    await verify();
    expect(await screen.findByText(/^The signing key is another/)).toBeInTheDocument();
    expect(exported()).toBe(false);
    expect(stored()).toMatchObject({ keys: [key] });
  });

  it('is verified with the key that this browser knows when the API has none to tell', async () => {
    knows([key]);
    await shown();
    const answered = globalThis.fetch;
    vi.stubGlobal('fetch', (input: Request) =>
      input.url.endsWith('/v1/audit/key')
        ? Promise.resolve(Response.json({ type: 'urn:keystead:problem:story', status: 500 }, { status: 500 }))
        : answered(input),
    );
    await verify();
    expect(await screen.findByText(/^Verified: 12 events, all signed, (now|\d+ sec)/)).toBeInTheDocument();
  });

  it('is said in Spanish', async () => {
    knows([(await otherKey()).text]);
    await shown({ language: 'es' });
    expect(await screen.findByRole('button', { name: /^Firmado hasta el evento 12, / })).toBeInTheDocument();
    expect(await screen.findByText('La clave de firma no es la que conoce este navegador')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Aceptar la clave nueva' })).toBeInTheDocument();
  });
});

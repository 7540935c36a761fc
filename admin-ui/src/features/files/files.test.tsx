import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { session } from '@/auth/session';
import { page, site } from '@/features/homes/samples';
import { bodyOf, showStory } from '@/stories/render';
import type { Answers } from '@/stories/story';

vi.setConfig({ testTimeout: 30_000 });

/** The file store: what was sent where, and what it answers. */
const store = { status: 200, puts: [] as { url: string; headers: Record<string, string> }[] };

class Request_ {
  status = 0;
  upload = { addEventListener: () => undefined };
  #url = '';
  #headers: Record<string, string> = {};
  #listeners: Record<string, () => void> = {};
  open(_method: string, url: string) {
    this.#url = url;
  }
  setRequestHeader(name: string, value: string) {
    this.#headers[name] = value;
  }
  addEventListener(name: string, listener: () => void) {
    this.#listeners[name] = listener;
  }
  send() {
    store.puts.push({ url: this.#url, headers: this.#headers });
    this.status = store.status;
    queueMicrotask(() => this.#listeners['load']?.());
  }
}

beforeEach(() => {
  Object.assign(store, { status: 200, puts: [] });
  vi.stubGlobal('XMLHttpRequest', Request_);
});
afterEach(() => {
  session.closed();
  vi.unstubAllGlobals();
});

const file = {
  id: 'fil_1',
  project_id: 'prj_1',
  plan_id: 'pln_1',
  kind: 'floorplan',
  name: 'level-1.pdf',
  content_type: 'application/pdf',
  length: 4,
  sha256: 'ab',
  state: 'ready',
  rejected_because: null,
  created_at: '2026-03-02T17:00:00Z',
};
const upload = (n: number) => ({
  method: 'PUT',
  url: `http://files.test/${n}`,
  headers: { host: 'files.test', 'content-type': 'application/pdf', 'x-amz-checksum-sha256': 'ab' },
  expires_in_seconds: 600,
});

async function drop(more: Answers = {}) {
  let ready = false;
  const shown = await showStory({
    path: '/projects/prj_1/plans/pln_1',
    answers: {
      ...site,
      'GET /v1/files': () => (ready ? page(file) : page()),
      'POST /v1/files': { body: { ...file, state: 'quarantined', upload: upload(1) } },
      'POST /v1/files/fil_1/upload': { body: upload(2) },
      'POST /v1/files/fil_1/confirm': () => {
        ready = true;
        return { body: file };
      },
      ...more,
    },
    shows: 'Drop floorplans here, or click to choose',
  });
  const input = document.querySelector<HTMLInputElement>('input[type=file]')!;
  await userEvent.upload(input, new File(['%PDF'], 'level-1.pdf', { type: 'application/pdf' }));
  return shown;
}

it('declares a file with its digest, sends it as told, and has it confirmed', async () => {
  const { sent } = await drop();
  expect(await screen.findByRole('button', { name: 'Remove level-1.pdf' })).toBeInTheDocument();
  expect(await bodyOf(sent, 'POST /v1/files')).toEqual({
    project_id: 'prj_1',
    plan_id: 'pln_1',
    kind: 'floorplan',
    name: 'level-1.pdf',
    content_type: 'application/pdf',
    length: 4,
    sha256: '315d429b7714cedb6ad04ac31240145257692630457f3c88253c5beceac76027',
  });
  expect(store.puts).toEqual([
    {
      url: 'http://files.test/1',
      headers: { 'content-type': 'application/pdf', 'x-amz-checksum-sha256': 'ab' },
    },
  ]);
});

it('goes on with the same file after the store refused it', async () => {
  store.status = 403;
  const { sent } = await drop();
  const again = await screen.findByRole('button', { name: 'Try again' });
  store.status = 200;
  await userEvent.click(again);
  expect(await screen.findByRole('button', { name: 'Remove level-1.pdf' })).toBeInTheDocument();
  expect(store.puts.map(({ url }) => url)).toEqual(['http://files.test/1', 'http://files.test/2']);
  expect(sent.filter(({ method, url }) => method === 'POST' && url.endsWith('/v1/files'))).toHaveLength(1);
});

it('removes a file after asking', async () => {
  const { sent } = await showStory({
    path: '/projects/prj_1/plans/pln_1',
    answers: { ...site, 'GET /v1/files': page(file), 'DELETE /v1/files/fil_1': { body: null } },
    shows: 'level-1.pdf',
  });
  await userEvent.click(await screen.findByRole('button', { name: 'Remove level-1.pdf' }));
  expect(sent.some(({ method }) => method === 'DELETE')).toBe(false);
  await userEvent.click(await screen.findByRole('button', { name: 'Remove' }));
  await waitFor(() => expect(sent.some(({ method }) => method === 'DELETE')).toBe(true));
});

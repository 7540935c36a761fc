import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { preview, type PreviewServer } from 'vite';
import type { TestProject } from 'vitest/node';
import type { Entrance } from './api';
import { furnish, type Furnished } from './furnish';

/** What the flows need to know of the platform that runs for them. */
export interface Platform extends Entrance {
  /** The UI's port: `http://demo.localhost:<port>`. */
  port: number;
  records: Furnished;
}

declare module 'vitest' {
  interface ProvidedContext {
    platform: Platform;
  }
}

const SEED_WITHIN_MS = 120_000;

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

function launcher(): string {
  const named = process.env['KEYSTEAD_LOCAL'];
  if (named) return named;
  const target = process.env['CARGO_TARGET_DIR'] ?? resolve(import.meta.dirname, '../../target');
  return join(target, 'debug/keystead-local');
}

/** Starts the whole platform with its demo builder in a folder of its own; resolves once it says that it runs. */
async function startPlatform(
  state: string,
): Promise<{ child: ChildProcess; api: string; mailbox: string; files: string }> {
  const program = launcher();
  if (!existsSync(program))
    throw new Error(`${program} is not built: cargo build -p keystead-server -p keystead-local`);
  const [api, pg, s3, kms, smtp, mailbox] = await freePorts(6);
  const env = {
    ...process.env,
    KEYSTEAD_STATE: state,
    KEYSTEAD_PORT: String(api),
    KEYSTEAD_PG_PORT: String(pg),
    KEYSTEAD_S3_PORT: String(s3),
    KEYSTEAD_KMS_PORT: String(kms),
    KEYSTEAD_SMTP_PORT: String(smtp),
    KEYSTEAD_MAILBOX_PORT: String(mailbox),
    // Flows are quicker than people, and all come from one address.
    KEYSTEAD_PER_MEMBER_PER_MINUTE: '10000',
    KEYSTEAD_PER_ADDRESS_PER_MINUTE: '10000',
  };
  const child = spawn(program, ['up'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output: string[] = [];
  await new Promise<void>((running, failed) => {
    const timer = setTimeout(
      () => failed(new Error(`the platform did not start:\n${output.join('')}`)),
      SEED_WITHIN_MS,
    );
    const read = (chunk: Buffer) => {
      output.push(chunk.toString());
      if (!output.join('').includes('Stop with Ctrl-C')) return;
      clearTimeout(timer);
      running();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', (code) => failed(new Error(`the platform ended with ${code}:\n${output.join('')}`)));
  });
  return {
    child,
    api: `http://127.0.0.1:${api}`,
    mailbox: `http://127.0.0.1:${mailbox}`,
    files: `http://127.0.0.1:${s3}`,
  };
}

async function serveUi(api: string, files: string): Promise<PreviewServer> {
  const [port] = await freePorts(1);
  Object.assign(process.env, { KEYSTEAD_API: api, KEYSTEAD_FILES: files });
  return preview({
    root: resolve(import.meta.dirname, '..'),
    preview: { port: port ?? 0, strictPort: true },
    logLevel: 'error',
  });
}

/** vitest's global set-up: the platform and the built UI, once for all flows. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const state = mkdtempSync(join(tmpdir(), 'keystead-e2e-'));
  const { child, api, mailbox, files } = await startPlatform(state);
  const ui = await serveUi(api, files);
  const secret = (name: string) => readFileSync(join(state, 'secrets', name), 'utf8').trim();
  const entrance = {
    api,
    mailbox,
    demoPassword: secret('demo-password'),
    operatorPassword: secret('operator-password'),
  };
  const records = await furnish(entrance);
  project.provide('platform', { ...entrance, port: Number(new URL(ui.resolvedUrls?.local[0] ?? '').port), records });
  return async () => {
    await ui.close();
    child.removeAllListeners('exit');
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
    rmSync(state, { recursive: true, force: true });
  };
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Entrance } from './api';
import { tails } from './logs';

const START_WITHIN_MS = 180_000;
const UI = resolve(import.meta.dirname, '../dist');

/** What listens, always on loopback: each on a port that is free. */
const LISTENERS = ['', 'EDGE_PROBE_', 'API_', 'PG_', 'S3_', 'KMS_', 'SMTP_', 'MAILBOX_'] as const;
type Ports = Record<(typeof LISTENERS)[number], number>;

/** Flows are quicker than people, and all come from one address. */
const PLENTY = { limit: 100_000, window: 60 };
const SHIELD = {
  per_address: PLENTY,
  anonymous: PLENTY,
  auth: PLENTY,
  renewals: PLENTY,
  operator: PLENTY,
  alone: PLENTY,
};

async function freePorts(): Promise<Ports> {
  const servers = await Promise.all(
    LISTENERS.map(async () => {
      const server = createServer();
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return Object.fromEntries(LISTENERS.map((listener, place) => [listener, ports[place]])) as Ports;
}

function launcher(): string {
  const target = process.env['CARGO_TARGET_DIR'] ?? resolve(import.meta.dirname, '../../target');
  const program = process.env['KEYSTEAD_LOCAL'] ?? join(target, 'debug/keystead-local');
  if (!existsSync(program)) throw new Error(`${program} is not built: run the flows with \`make ui-flows\``);
  if (!existsSync(join(UI, 'index.html'))) throw new Error(`${UI} is not built: npm run build`);
  return program;
}

function environment(state: string, ports: Ports): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ...Object.fromEntries(LISTENERS.map((listener) => [`KEYSTEAD_${listener}PORT`, String(ports[listener])])),
    KEYSTEAD_STATE: state,
    KEYSTEAD_UI: UI,
    KEYSTEAD_PG_FAST: '1',
    KEYSTEAD_EDGE_SHIELD: JSON.stringify(SHIELD),
    KEYSTEAD_PER_MEMBER_PER_MINUTE: String(PLENTY.limit),
    KEYSTEAD_PER_ADDRESS_PER_MINUTE: String(PLENTY.limit),
  };
}

/** Resolves once the launcher says that all runs; throws what it said, and the ends of the logs, when it does not. */
async function running(child: ChildProcess, state: string): Promise<void> {
  let output = '';
  const said = (why: string) => new Error(`the platform ${why}:\n${output}\n${tails(state)}`);
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((runs, fails) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('Stop with Ctrl-C')) runs();
    };
    timer = setTimeout(() => fails(said('did not start')), START_WITHIN_MS);
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => fails(said(`ended with ${code}`)));
  }).finally(() => clearTimeout(timer));
  if (output.includes('could not be set up')) throw said('has no demo');
}

/** A platform with its demo builder, in a folder of its own; its edge serves the UI as it was built. */
export interface Running extends Entrance {
  stop: () => Promise<void>;
}

export async function startPlatform(): Promise<Running> {
  const program = launcher();
  const state = mkdtempSync(join(tmpdir(), 'keystead-e2e-'));
  const ports = await freePorts();
  const child = spawn(program, ['up'], { env: environment(state, ports), stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.removeAllListeners('exit');
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    }
    rmSync(state, { recursive: true, force: true });
  };
  try {
    await running(child, state);
  } catch (error) {
    await stop();
    throw error;
  }
  const secret = (name: string) => readFileSync(join(state, 'secrets', name), 'utf8').trim();
  return {
    state,
    port: ports[''],
    files: `http://127.0.0.1:${ports.S3_}`,
    mailbox: `http://127.0.0.1:${ports.MAILBOX_}`,
    kms: `http://127.0.0.1:${ports.KMS_}`,
    demoPassword: secret('demo-password'),
    operatorPassword: secret('operator-password'),
    stop,
  };
}

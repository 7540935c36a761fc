// Fails when src/api/schema.d.ts is not what `npm run client` would write.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'keystead-client-'));
const fresh = join(folder, 'schema.d.ts');
const flags = ['../tests/it/snapshots/openapi.json', '-o', fresh, '--root-types', '--root-types-no-schema-prefix'];
execFileSync('node_modules/.bin/openapi-typescript', flags, { stdio: ['ignore', 'ignore', 'inherit'] });
const same = readFileSync(fresh, 'utf8') === readFileSync('src/api/schema.d.ts', 'utf8');
rmSync(folder, { recursive: true });
if (!same) {
  console.error('src/api/schema.d.ts is stale: run `npm run client` and commit it.');
  process.exit(1);
}

import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const kind = process.env['KEYSTEAD_E2E'] ?? 'e2e';

/**
 * What needs a real browser on the real platform: flows (`npm run e2e`), the README's pictures (`npm run screenshots`) and
 * figures (`npm run measure`). They share one platform and one browser; only flows run beside each other.
 */
export default defineConfig({
  test: {
    include: [`e2e/**/*.${kind}.ts`],
    globalSetup: ['./e2e/setup.ts'],
    environment: 'node',
    fileParallelism: kind === 'e2e',
    maxWorkers: Math.max(2, Math.floor(availableParallelism() / 2)),
    testTimeout: 120_000,
    hookTimeout: 300_000,
    // On a slow machine a condition may take its time.
    expect: { poll: { timeout: 20_000 } },
  },
});

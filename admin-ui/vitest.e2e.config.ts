import { defineConfig } from 'vitest/config';

/**
 * What needs a real browser on the real platform: flows (`npm run e2e`), the README's pictures (`npm run screenshots`) and
 * figures (`npm run measure`). One after the other, for the machine's sake.
 */
export default defineConfig({
  test: {
    include: [`e2e/**/*.${process.env['KEYSTEAD_E2E'] ?? 'e2e'}.ts`],
    globalSetup: ['./e2e/platform.ts'],
    environment: 'node',
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 180_000,
  },
});

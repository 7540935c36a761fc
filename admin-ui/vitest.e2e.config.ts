import { defineConfig } from 'vitest/config';

/** Flows in a real browser against the real platform: `npm run e2e`. One after the other, for the machine's sake. */
export default defineConfig({
  test: {
    include: ['e2e/**/*.e2e.ts'],
    globalSetup: ['./e2e/platform.ts'],
    environment: 'node',
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 180_000,
  },
});

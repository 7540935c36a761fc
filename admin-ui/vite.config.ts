import { tanstackRouter } from '@tanstack/router-plugin/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { cspPlugin } from './vite-csp.ts';
import { chunks } from './vite-chunks.ts';
import { compressPlugin } from './vite-compress.ts';
import { themePlugin } from './vite-theme.ts';

const api = process.env['KEYSTEAD_API'] ?? 'http://127.0.0.1:25080';
const files = process.env['KEYSTEAD_FILES'] ?? 'http://127.0.0.1:25090';

// The API reads the tenant from the host, so the browser's own goes through.
const proxy = Object.fromEntries(
  ['/v1', '/docs', '/health'].map((path) => [path, { target: api, changeOrigin: false }]),
);

export default defineConfig({
  plugins: [
    tanstackRouter({ target: 'react', autoCodeSplitting: true }),
    react(),
    themePlugin(),
    cspPlugin(files),
    compressPlugin(),
  ],
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  server: { host: '127.0.0.1', allowedHosts: ['.localhost'], proxy },
  preview: { host: '127.0.0.1', allowedHosts: ['.localhost'], proxy },
  build: {
    target: 'es2023',
    manifest: true,
    sourcemap: false,
    // Sizes are checked by `npm run size`, compressed and by route.
    chunkSizeWarningLimit: 1000,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { includeDependenciesRecursively: false, groups: chunks } } },
  },
  test: { environment: 'jsdom', setupFiles: ['./vitest.setup.ts'], include: ['src/**/*.test.{ts,tsx}'], css: false },
});

import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

/**
 * The policy in `csp.txt`, which every host of the built UI sends: the edge, and `vite preview` through this plugin.
 * `{files}` stands for the origin of the file store, to which uploads go straight.
 */
export function contentSecurityPolicy(files: string): string {
  return readFileSync(new URL('./csp.txt', import.meta.url), 'utf8')
    .trim()
    .replaceAll('{files}', files)
    .replaceAll(' ;', ';');
}

/** Sends the policy from `vite preview`; the dev server injects styles and cannot. */
export function cspPlugin(files: string): Plugin {
  return {
    name: 'keystead-csp',
    configurePreviewServer(server) {
      server.middlewares.use((request, response, next) => {
        if (!request.url?.startsWith('/v1')) {
          response.setHeader('content-security-policy', contentSecurityPolicy(files));
          response.setHeader('x-content-type-options', 'nosniff');
          response.setHeader('referrer-policy', 'no-referrer');
        }
        next();
      });
    },
  };
}

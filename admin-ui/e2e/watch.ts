import type { BrowserContext, Response } from 'playwright-core';
import type { Entrance } from './api';

const LOCAL = /^(blob|data):/;

/** Requests to the API that were refused are answers, and a page that is refused is seen; all other failures are faults. */
function isFault(response: Response): boolean {
  const status = response.status();
  const refusable = new URL(response.url()).pathname.startsWith('/v1/') || response.request().isNavigationRequest();
  return status >= 500 || status === 429 || (status >= 400 && !refusable);
}

/** Tells what no flow may see: script errors, violations of the policy, requests to other hosts, files that are not there. */
export async function watch(context: BrowserContext, { port, files }: Entrance, tell: (fault: string) => void) {
  await context.addInitScript(() =>
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile }) =>
      console.error(`policy: ${violatedDirective} ${blockedURI} ${sourceFile}`),
    ),
  );
  context.on('weberror', (error) => tell(`script: ${error.error().message}`));
  context.on('console', (message) => {
    const text = message.text();
    // Whether a failed request is a fault, its answer says.
    if (message.type() === 'error' && !text.startsWith('Failed to load resource')) tell(`console: ${text}`);
  });
  context.on('request', (request) => {
    const url = request.url();
    if (LOCAL.test(url)) return;
    const { hostname, host, origin } = new URL(url);
    const ours = host.endsWith(`:${port}`) && /(^|\.)localhost$/.test(hostname);
    if (!ours && origin !== files) tell(`foreign: ${url}`);
  });
  context.on('response', (response) => {
    if (isFault(response)) tell(`answer: ${response.status()} ${response.request().method()} ${response.url()}`);
  });
}

import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, createRouter, RouterProvider } from '@tanstack/react-router';
import { cleanup, render, screen } from '@testing-library/react';
import { IntlProvider } from 'use-intl';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { session } from '@/auth/session';
import { en } from '@/i18n/en';
import { router } from '@/router';
import { routeTree } from '@/routeTree.gen';
import { theme } from '@/theme/theme';
import { apiOf, type Stories, type Story } from './story';

vi.mock('@/auth/site', async (original) => {
  const site = await original<object>();
  // The stories' host: which of the three apps it is follows the path.
  return {
    ...site,
    place: {
      base: 'localhost',
      slug: 'acme',
      get site() {
        return hostOf(current.path);
      },
    },
  };
});

const current = { path: '/' };
const hostOf = (path: string) =>
  path.startsWith('/platform') ? 'console' : /^\/(welcome|sign-up|verify-email)/.test(path) ? 'public' : 'workspace';

afterEach(() => {
  cleanup();
  session.closed();
  vi.unstubAllGlobals();
});

async function show(story: Story): Promise<void> {
  current.path = story.path;
  vi.stubGlobal('fetch', apiOf(story));
  session.opened({ access_token: 'story', token_type: 'Bearer', expires_in_seconds: 900 });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const ours = createRouter({
    ...router.options,
    routeTree,
    context: { queryClient: client },
    history: createMemoryHistory({ initialEntries: [story.path] }),
  });
  render(
    <MantineProvider theme={theme} env="test">
      <QueryClientProvider client={client}>
        <IntlProvider locale="en" messages={en} timeZone="UTC">
          <RouterProvider router={ours as unknown as typeof router} />
        </IntlProvider>
      </QueryClientProvider>
    </MantineProvider>,
  );
  expect((await screen.findAllByText(story.shows, undefined, { timeout: 5000 })).length).toBeGreaterThan(0);
}

const files = import.meta.glob<{ stories: Stories }>('../features/**/*.stories.tsx', { eager: true });

for (const [file, { stories }] of Object.entries(files)) {
  describe(file.replace('../features/', ''), () => {
    it.each(Object.entries(stories))('%s', async (_name, story) => show(story));
  });
}

it('has a screen to show', () => expect(Object.keys(files).length).toBeGreaterThan(0));

import { MantineProvider } from '@mantine/core';
import { Notifications, notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createMemoryHistory, createRouter, RouterProvider } from '@tanstack/react-router';
import { configure, render, screen } from '@testing-library/react';
import { expect, vi } from 'vitest';
import { IntlProvider } from 'use-intl';
import { session } from '@/auth/session';
import { place } from '@/auth/site';
import { messagesOf, type Language } from '@/i18n/language';
import { router } from '@/router';
import { routeTree } from '@/routeTree.gen';
import { theme } from '@/theme/theme';
import { apiOf, type Story } from './story';

// How long to wait before giving up, on a busy machine; nothing waits that long when it works.
configure({ asyncUtilTimeout: 8000 });

const siteOf = (path: string) =>
  path.startsWith('/platform') ? 'console' : /^\/(welcome|sign-up|verify-email)/.test(path) ? 'public' : 'workspace';

/** Shows a story in the whole app and waits until it shows its text. Answers with the requests that were sent. */
export async function showStory(story: Story, language: Language = 'en'): Promise<{ sent: Request[] }> {
  // Which of the three apps the host is follows the path.
  Object.assign(place, { base: 'localhost', slug: 'acme', site: siteOf(story.path) });
  notifications.clean();
  const sent: Request[] = [];
  const answer = apiOf(story);
  const messages = await messagesOf(language);
  vi.stubGlobal('fetch', (input: RequestInfo | URL, init?: RequestInit) => {
    if (input instanceof Request) sent.push(input.clone());
    return answer(input, init);
  });
  session.opened({ access_token: 'story', token_type: 'Bearer', expires_in_seconds: 900 });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 15_000 } } });
  const ours = createRouter({
    ...router.options,
    routeTree,
    context: { queryClient: client },
    history: createMemoryHistory({ initialEntries: [story.path] }),
  });
  render(
    <MantineProvider theme={theme} env="test">
      <QueryClientProvider client={client}>
        <IntlProvider locale={language} messages={messages} timeZone="UTC">
          <Notifications />
          <RouterProvider router={ours as unknown as typeof router} />
        </IntlProvider>
      </QueryClientProvider>
    </MantineProvider>,
  );
  expect((await screen.findAllByText(story.shows)).length).toBeGreaterThan(0);
  return { sent };
}

/** The body of the last request that was sent so, such as `POST /v1/contracts`. */
export async function bodyOf(sent: Request[], what: string): Promise<unknown> {
  const request = sent.findLast(({ method, url }) => `${method} ${new URL(url).pathname}` === what);
  return request && JSON.parse(await request.text());
}

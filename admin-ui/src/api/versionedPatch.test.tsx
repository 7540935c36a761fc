import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { IntlProvider } from 'use-intl';
import { expect, it } from 'vitest';
import { en } from '@/i18n/en';
import { Dialogs } from '@/shell/Dialogs';
import { ApiProblem } from './problem';
import { useVersionedPatch } from './versionedPatch';

interface Named {
  name: string;
}

/** A server with one record, which somebody else may change. */
function server(name: string) {
  const state = { name, version: 1 };
  return {
    state,
    read: () => Promise.resolve({ data: { name: state.name }, etag: `"${state.version}"` }),
    write: (etag: string, patch: Partial<Named>) => {
      if (etag !== `"${state.version}"`)
        return Promise.reject(new ApiProblem(412, { title: 'changed' }, 'version-conflict'));
      Object.assign(state, patch, { version: state.version + 1 });
      return Promise.resolve({ data: { name: state.name }, etag: `"${state.version}"` });
    },
  };
}

function Rename({ api, to }: { api: ReturnType<typeof server>; to: string }) {
  const patch = useVersionedPatch<Named, Partial<Named>>({
    queryKey: ['named'],
    read: api.read,
    write: api.write,
    invalidates: [],
    label: () => 'Name',
  });
  return <button onClick={() => patch.mutate({ name: to })}>rename</button>;
}

async function show(api: ReturnType<typeof server>, to: string) {
  const client = new QueryClient();
  client.setQueryData(['named'], await api.read());
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={client}>
        <IntlProvider locale="en" messages={en}>
          <Notifications />
          <Dialogs />
          <Rename api={api} to={to} />
        </IntlProvider>
      </QueryClientProvider>
    </MantineProvider>,
  );
}

it('writes a change, and takes it back', async () => {
  const api = server('before');
  await show(api, 'after');
  await userEvent.click(screen.getByText('rename'));
  await waitFor(() => expect(api.state.name).toBe('after'));
  await userEvent.click(await screen.findByRole('button', { name: 'Undo' }));
  await waitFor(() => expect(api.state.name).toBe('before'));
});

it('shows both versions when somebody else was quicker, and writes ours only when told', async () => {
  const api = server('before');
  await show(api, 'ours');
  Object.assign(api.state, { name: 'theirs', version: 2 });
  await userEvent.click(screen.getByText('rename'));
  expect(await screen.findByText('theirs')).toBeInTheDocument();
  expect(screen.getByText('ours')).toBeInTheDocument();
  expect(api.state.name).toBe('theirs');
  await userEvent.click(await screen.findByRole('button', { name: 'Write mine' }));
  await waitFor(() => expect(api.state.name).toBe('ours'));
});

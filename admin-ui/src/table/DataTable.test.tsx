import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { IntlProvider } from 'use-intl';
import { expect, it, vi } from 'vitest';
import { en } from '@/i18n/en';
import { useShortcutListener } from '@/shell/shortcuts';
import { DataTable } from './DataTable';
import type { Column, RowsQuery } from './types';

interface Home {
  id: string;
  number: string;
}

const columns: Column<Home>[] = [
  { id: 'number', header: 'Number', width: '1fr', render: (home) => home.number, sortBy: (home) => home.number },
];
const homes = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `unt_${from + index}`, number: String(from + index) }));

function Harness({
  query,
  onOpen,
  onBulk,
}: {
  query: RowsQuery<Home>;
  onOpen?: (home: Home) => void;
  onBulk?: (homes: Home[]) => void;
}) {
  useShortcutListener();
  return (
    <DataTable
      id="test"
      label="Homes"
      columns={columns}
      query={query}
      rowId={(home) => home.id}
      rowLabel={(home) => home.number}
      {...(onOpen ? { onOpen } : {})}
      {...(onBulk ? { bulk: [{ id: 'release', label: 'Release', run: onBulk }] } : {})}
      empty={<p>No homes yet</p>}
    />
  );
}

function show(
  query: Partial<RowsQuery<Home>>,
  rest: { onOpen?: (home: Home) => void; onBulk?: (homes: Home[]) => void } = {},
) {
  const whole: RowsQuery<Home> = {
    data: undefined,
    error: null,
    isPending: false,
    hasNextPage: false,
    isFetchingNextPage: false,
    fetchNextPage: vi.fn(),
    refetch: vi.fn(),
    ...query,
  };
  const client = new QueryClient();
  const table = (shown: RowsQuery<Home>) => (
    <MantineProvider env="test">
      <QueryClientProvider client={client}>
        <IntlProvider locale="en" messages={en}>
          <Harness query={shown} {...rest} />
        </IntlProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
  const { rerender } = render(table(whole));
  return { ...whole, becomes: (items: Home[]) => rerender(table({ ...whole, data: { pages: [{ items }] } })) };
}

it('keeps only the rows in sight in the page', () => {
  show({ data: { pages: [{ items: homes(0, 5000) }] } });
  expect(screen.getByText('0')).toBeInTheDocument();
  expect(screen.getAllByRole('row').length).toBeLessThan(80);
});

it('fetches the next page only near the end of what is loaded', () => {
  const far = show({ data: { pages: [{ items: homes(0, 500) }] }, hasNextPage: true });
  expect(far.fetchNextPage).not.toHaveBeenCalled();
  const near = show({ data: { pages: [{ items: homes(0, 20) }] }, hasNextPage: true });
  expect(near.fetchNextPage).toHaveBeenCalled();
});

it('moves with j and k, opens with Enter', async () => {
  const onOpen = vi.fn();
  show({ data: { pages: [{ items: homes(100, 3) }] } }, { onOpen });
  await userEvent.keyboard('jjjk{Enter}');
  expect(onOpen).toHaveBeenCalledWith({ id: 'unt_101', number: '101' });
});

it('acts on the rows that x selected', async () => {
  const onBulk = vi.fn();
  show({ data: { pages: [{ items: homes(100, 3) }] } }, { onBulk });
  await userEvent.keyboard('jxjjx');
  await userEvent.click(await screen.findByRole('button', { name: 'Release' }));
  expect(onBulk).toHaveBeenCalledWith([homes(100, 3)[0], homes(100, 3)[2]]);
});

it('forgets that a row was selected when it leaves the list', async () => {
  const { becomes } = show({ data: { pages: [{ items: homes(100, 3) }] } }, { onBulk: vi.fn() });
  await userEvent.keyboard('jxjx');
  expect(screen.getByRole('region', { name: '2 selected' })).toBeInTheDocument();
  becomes(homes(101, 2));
  expect(screen.getByRole('region', { name: '1 selected' })).toBeInTheDocument();
  becomes(homes(100, 3));
  expect(screen.getByRole('region', { name: '1 selected' })).toBeInTheDocument();
  expect(screen.getByRole('checkbox', { name: 'Select row 101' })).toBeChecked();
});

it('says what failed, and leads on when there is nothing', () => {
  show({ error: new Error('gone') });
  expect(screen.getByRole('alert')).toBeInTheDocument();
  show({ data: { pages: [{ items: [] }] } });
  expect(screen.getByText('No homes yet')).toBeInTheDocument();
});

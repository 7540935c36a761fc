import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { session } from '@/auth/session';
import { showStory } from '@/stories/render';
import { stories } from './ContractsPage.stories';

vi.setConfig({ testTimeout: 30_000 });
afterEach(() => {
  session.closed();
  vi.unstubAllGlobals();
});

const asked = (sent: Request[]) =>
  sent.filter(({ url }) => url.includes('/v1/contracts?')).map(({ url }) => new URL(url).searchParams);

describe('the list of contracts', () => {
  it('lets the API find what was typed, and leaves no trace of it', async () => {
    const { sent } = await showStory(stories.full);
    await userEvent.type(screen.getByRole('textbox', { name: 'Search contracts' }), 'Maria');
    await waitFor(() => expect(asked(sent).at(-1)?.get('q')).toBe('Maria'));
    expect(window.location.href).not.toContain('Maria');
    expect(JSON.stringify({ ...localStorage })).not.toContain('Maria');
  });

  it('lets the API sort by price and date', async () => {
    const { sent } = await showStory(stories.full);
    await userEvent.click(await screen.findByRole('button', { name: 'Price' }));
    await waitFor(() => expect(asked(sent).at(-1)?.get('sort')).toBe('lowest_price'));
    await userEvent.click(await screen.findByRole('button', { name: 'Price' }));
    await waitFor(() => expect(asked(sent).at(-1)?.get('sort')).toBe('highest_price'));
    await userEvent.click(await screen.findByRole('button', { name: 'Drafted' }));
    await waitFor(() => expect(asked(sent).at(-1)?.get('sort')).toBe('oldest'));
  });

  it('lets the API sort by the last change, which no column has', async () => {
    const { sent } = await showStory(stories.full);
    await userEvent.click(screen.getByRole('button', { name: 'Filter' }));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Order' }));
    await userEvent.click(await screen.findByRole('option', { name: 'Last changed' }));
    await waitFor(() => expect(asked(sent).at(-1)?.get('sort')).toBe('last_changed'));
    expect(await screen.findByRole('button', { name: 'Order is Last changed' })).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Clear all' }));
    await waitFor(() => expect(screen.queryByText('Last changed')).not.toBeInTheDocument());
  });

  it('names the order that a heading asked for, if it is the API’s', async () => {
    await showStory(stories.full);
    await userEvent.click(await screen.findByRole('button', { name: 'Price' }));
    expect(await screen.findByRole('button', { name: 'Order is Lowest price' })).toBeInTheDocument();
    await userEvent.click(await screen.findByRole('button', { name: 'Status' }));
    await waitFor(() => expect(screen.queryByRole('button', { name: /^Order is/ })).not.toBeInTheDocument());
  });
});

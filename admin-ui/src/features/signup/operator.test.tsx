import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import { session } from '@/auth/session';
import { bodyOf, showStory } from '@/stories/render';
import type { Answer } from '@/stories/story';

const ACCEPT = 'POST /v1/operator-invitations/accept';

vi.setConfig({ testTimeout: 30_000 });
afterEach(() => {
  session.closed();
  vi.unstubAllGlobals();
});

it('makes an operator of whoever has the link, and leads to the console', async () => {
  window.history.replaceState(null, '', '/operator-invitation#kso_secret');
  let answer: Answer = { problem: 403, kind: 'wrong-password' };
  const { sent } = await showStory({
    path: '/operator-invitation',
    answers: { [ACCEPT]: () => answer },
    shows: 'Become an operator',
  });
  expect(window.location.hash).toBe('');
  await userEvent.type(screen.getByRole('textbox', { name: 'Your name' }), 'Olga');
  await userEvent.type(screen.getByLabelText('Password'), 'amber-Harbor-9');
  await userEvent.click(screen.getByRole('button', { name: 'Join' }));
  expect(await screen.findByText(/with another password/)).toBeInTheDocument();
  answer = { body: {} };
  await userEvent.click(screen.getByRole('button', { name: 'Join' }));
  expect(await screen.findByRole('link', { name: 'Open the console' })).toHaveAttribute(
    'href',
    expect.stringMatching(/\/\/console\.localhost(:\d+)?\/sign-in$/),
  );
  expect(await bodyOf(sent, ACCEPT)).toEqual({ token: 'kso_secret', name: 'Olga', password: 'amber-Harbor-9' });
});

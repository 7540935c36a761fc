import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import { session } from '@/auth/session';
import { showStory } from '@/stories/render';
import { stories } from './SettingsPage.stories';

vi.setConfig({ testTimeout: 30_000 });
afterEach(() => {
  session.closed();
  vi.unstubAllGlobals();
});

const refused = (pointer: string) => ({
  ...stories.full,
  answers: {
    ...stories.full.answers,
    'PATCH /v1/settings': {
      problem: 422,
      kind: 'invalid',
      errors: [{ pointer, message: 'must have at most 200 characters', code: 'too_long' }],
    },
  },
});

it('a field that was refused says why in English as the server does', async () => {
  await showStory(refused('/name'));
  const name = await screen.findByRole('textbox', { name: 'Name' });
  await userEvent.type(name, 's');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(name).toHaveAccessibleDescription('must have at most 200 characters'));
});

it('a field that was refused says why in Spanish', async () => {
  await showStory({ ...refused('/name'), shows: 'Con qué empiezan los proyectos nuevos' }, 'es');
  const name = await screen.findByRole('textbox', { name: 'Nombre' });
  await userEvent.type(name, 's');
  await userEvent.click(screen.getByRole('button', { name: 'Guardar' }));
  await waitFor(() => expect(name).toHaveAccessibleDescription('Es demasiado largo.'));
});

it('what is refused of a field that is not on the form is said in Spanish, too', async () => {
  await showStory({ ...refused('/elsewhere'), shows: 'Con qué empiezan los proyectos nuevos' }, 'es');
  await userEvent.type(await screen.findByRole('textbox', { name: 'Nombre' }), 's');
  await userEvent.click(screen.getByRole('button', { name: 'Guardar' }));
  expect(await screen.findByText('Es demasiado largo.')).toBeInTheDocument();
});

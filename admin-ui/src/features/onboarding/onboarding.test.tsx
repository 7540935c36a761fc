import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { session } from '@/auth/session';
import { harbor, page } from '@/features/homes/samples';
import { bodyOf, showStory } from '@/stories/render';
import { everybody, type Answers } from '@/stories/story';
import { begun, blank } from './OnboardingPage.stories';

vi.setConfig({ testTimeout: 30_000 });
beforeEach(() => localStorage.clear());
afterEach(() => {
  session.closed();
  vi.unstubAllGlobals();
});

const show = (path: string, answers: Answers, shows: string) => showStory({ path, answers, shows });

it('creates the first project and goes on to its homes', async () => {
  let made = false;
  const { sent } = await show(
    '/onboarding?step=project',
    {
      ...begun,
      'GET /v1/units': page(),
      'GET /v1/projects': () => (made ? page(harbor) : page()),
      'POST /v1/projects': () => {
        made = true;
        return { body: harbor };
      },
    },
    'Create project',
  );
  await userEvent.type(screen.getByRole('textbox', { name: /^Name/ }), 'Harbor Point');
  await userEvent.click(await screen.findByRole('button', { name: 'Create project' }));
  expect(await screen.findByText('Drop a spreadsheet here, or click to choose')).toBeInTheDocument();
  expect(await bodyOf(sent, 'POST /v1/projects')).toMatchObject({ name: 'Harbor Point', code: 'HARBOR-POINT' });
});

it('goes on where one stopped, and remembers what was left out', async () => {
  await show('/onboarding', begun, 'Drop floorplans here, or click to choose');
  await userEvent.click(await screen.findByRole('button', { name: 'Skip for now' }));
  expect(await screen.findByRole('button', { name: 'Invite people' })).toBeInTheDocument();
  expect(screen.getByText('Skipped')).toBeInTheDocument();
  expect(screen.getByText('4 of 6')).toBeInTheDocument();
});

it('lets administrators draft only after saying what that changes', async () => {
  const role = { id: 'rol_1', key: 'admin', title: 'Administrator', permissions: ['settings.manage'], created_at: '' };
  const { sent } = await show(
    '/onboarding?step=contract',
    {
      ...begun,
      'GET /v1/me': {
        body: {
          ...everybody,
          membership: {
            ...everybody.membership!,
            permissions: everybody.membership!.permissions.filter((held) => held !== 'contracts.write'),
          },
        },
      },
      'GET /v1/roles': page(role),
      'GET /v1/roles/rol_1': { body: role, etag: '"2"' },
      'PATCH /v1/roles/rol_1': { body: role, etag: '"3"' },
    },
    'Invite an agent',
  );
  expect(screen.getByText(/The audit trail records it/)).toBeInTheDocument();
  await userEvent.click(await screen.findByRole('button', { name: /Let administrators/ }));
  await waitFor(async () =>
    expect(await bodyOf(sent, 'PATCH /v1/roles/rol_1')).toEqual({
      permissions: ['settings.manage', 'contacts.manage', 'contracts.write'],
    }),
  );
});

it('asks for a project before its homes', async () => {
  await show('/onboarding?step=homes', blank, 'Create a project first');
});

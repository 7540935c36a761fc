import { cleanup } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { session } from '@/auth/session';
import { showStory } from './render';
import type { Stories } from './story';

vi.setConfig({ testTimeout: 30_000 });

afterEach(() => {
  cleanup();
  session.closed();
  vi.unstubAllGlobals();
});

const files = import.meta.glob<{ stories: Stories }>('../features/**/*.stories.tsx', { eager: true });

for (const [file, { stories }] of Object.entries(files)) {
  describe(file.replace('../features/', ''), () => {
    it.each(Object.entries(stories))('%s', async (_name, story) => void (await showStory(story)));
  });
}

it('has a screen to show', () => expect(Object.keys(files).length).toBeGreaterThan(0));

import { convertCssVariables, defaultCssVariablesResolver, mergeMantineTheme, DEFAULT_THEME } from '@mantine/core';
import type { Plugin } from 'vite';
import { theme } from './src/theme/theme.ts';

const ID = 'virtual:theme.css';

/** The theme's CSS variables as a file: Mantine would write them into a `<style>`, which the policy refuses. */
export function themePlugin(): Plugin {
  return {
    name: 'keystead-theme',
    resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
    load: (id) =>
      id === `\0${ID}`
        ? convertCssVariables(defaultCssVariablesResolver(mergeMantineTheme(DEFAULT_THEME, theme)), ':root')
        : undefined,
  };
}

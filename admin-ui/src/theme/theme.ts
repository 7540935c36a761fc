import { createTheme, type MantineColorsTuple } from '@mantine/core';

/** One accent; everything else is grey, and status colours are for status only. */
const ink: MantineColorsTuple = [
  '#eef0fd',
  '#dbdff9',
  '#b6bef2',
  '#8f9bec',
  '#6f7ee6',
  '#5a6be2',
  '#4456d6',
  '#3949bd',
  '#3040a6',
  '#26348c',
];

/** A warm grey with enough contrast for text at its fifth step. */
const gray: MantineColorsTuple = [
  '#f8f8f7',
  '#f2f2f0',
  '#e9e9e6',
  '#dcdcd8',
  '#c4c4bf',
  '#96968f',
  '#6b6b65',
  '#4b4b46',
  '#30302d',
  '#1d1d1b',
];

const dark: MantineColorsTuple = [
  '#e8e8e6',
  '#c3c3c0',
  '#a0a09c',
  '#7c7c78',
  '#55555a',
  '#3a3a3f',
  '#2b2b30',
  '#1f1f23',
  '#18181b',
  '#111113',
];

export const theme = createTheme({
  primaryColor: 'ink',
  primaryShade: 6,
  colors: { ink, gray, dark },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  lineHeights: { xs: '1.35', sm: '1.4', md: '1.45', lg: '1.5', xl: '1.5' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.125rem', lineHeight: '1.4' },
      h2: { fontSize: '0.9375rem', lineHeight: '1.4' },
      h3: { fontSize: '0.875rem', lineHeight: '1.4' },
    },
  },
  radius: { xs: '3px', sm: '5px', md: '7px', lg: '10px', xl: '16px' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  autoContrast: true,
  respectReducedMotion: true,
  components: {
    // Its scroll lock writes a <style>; ours is a rule in global.css.
    Modal: {
      defaultProps: {
        lockScroll: false,
        centered: false,
        transitionProps: { duration: 90 },
        overlayProps: { backgroundOpacity: 0.28 },
      },
    },
    Drawer: {
      defaultProps: {
        lockScroll: false,
        transitionProps: { duration: 120 },
        overlayProps: { backgroundOpacity: 0.28 },
      },
    },
    Button: { defaultProps: { size: 'xs' } },
    SegmentedControl: { defaultProps: { withItemsBorders: false, radius: 'md' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Menu: { defaultProps: { shadow: 'md', transitionProps: { duration: 80 } } },
    Popover: { defaultProps: { shadow: 'md', transitionProps: { duration: 80 } } },
  },
});

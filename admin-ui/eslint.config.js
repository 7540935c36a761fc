import js from '@eslint/js';
import hooks from 'eslint-plugin-react-hooks';
import ts from 'typescript-eslint';

// Mantine components that write <style> elements or inline sheets: the Content-Security-Policy refuses those.
const STYLE_WRITERS = ['AppShell', 'Grid', 'SimpleGrid', 'ColorSchemeScript', 'Container'];

export default ts.config(
  { ignores: ['dist', 'src/routeTree.gen.ts', 'src/api/schema.d.ts', '.tanstack'] },
  js.configs.recommended,
  ts.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    plugins: { 'react-hooks': hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      // TanStack's hooks return objects that the compiler rules cannot see through.
      'react-hooks/incompatible-library': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/only-throw-error': 'off',
      // `const { id, ...rest } = row` leaves something out.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: '@mantine/core',
              importNames: STYLE_WRITERS,
              message: 'It injects a <style>, which the Content-Security-Policy refuses: use a CSS module.',
            },
          ],
        },
      ],
      'no-restricted-globals': [
        'error',
        { name: 'sessionStorage', message: 'Nothing of a session is stored in the browser.' },
        { name: 'fetch', message: 'Use the generated client in src/api/client.ts.' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']",
          message: 'Trusted Types forbid HTML strings.',
        },
      ],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
    },
  },
  // The flows are not the UI: they call the API and look into storage.
  { files: ['e2e/**'], rules: { 'no-restricted-globals': 'off' } },
  {
    files: ['scripts/**', '*.config.*js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', module: 'readonly' } },
  },
  {
    files: ['public/**'],
    languageOptions: { globals: { localStorage: 'readonly', matchMedia: 'readonly', document: 'readonly' } },
  },
);

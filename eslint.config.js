// Type-checked lint, and the import rules of docs/architecture.md: data walks through the rooms once, left to right.
import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Which rooms a room may import from, itself aside. What is not listed is refused. */
const mayImport = {
  support: [],
  errors: ['support'],
  stats: ['support'],
  predis: [],
  traces: ['support', 'errors'],
  cachesim: ['support', 'errors'],
  workloads: ['traces', 'cachesim', 'support', 'errors'],
  engines: ['predis', 'support', 'errors'],
  results: ['support', 'errors'],
  measure: ['workloads', 'engines', 'results', 'support', 'errors'],
  analysis: ['results', 'stats', 'support', 'errors'],
  report: ['analysis', 'results', 'support', 'errors'],
  gate: ['analysis', 'results', 'support', 'errors'],
  doctor: ['measure', 'engines', 'predis', 'results', 'support', 'errors'],
};
const rooms = Object.keys(mayImport);
const place = (room) => (room === 'errors' ? './src/errors.ts' : `./src/${room}`);
const zones = rooms.flatMap((room) =>
  [...rooms, 'cli']
    .filter((other) => other !== room && !mayImport[room].includes(other))
    .map((other) => ({
      target: place(room),
      from: place(other),
      message: `${room}/ may not import from ${other}/ (docs/architecture.md).`,
    })),
);

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      'dist.*/**',
      'build/**',
      'node_modules/**',
      'predis-bench-results/**',
      '.gpu-host/**',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    settings: { 'import-x/resolver': { typescript: { project: './tsconfig.json' }, node: true } },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-cycle': ['error', { maxDepth: 6 }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      eqeqeq: 'error',
      'max-lines': ['warn', { max: 400, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['test/**/*.ts'],
    // node:test's describe/it/test return promises that the runner itself awaits
    rules: { '@typescript-eslint/no-floating-promises': 'off' },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
      },
    },
  },
  prettier,
);

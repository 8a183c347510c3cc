/** Everything that the HTML file carries with it so that it never asks a network for anything. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { packageRoot } from '../support/package-root.js';
import { themeCss } from './theme.js';

const require = createRequire(import.meta.url);

/** Path of one weight of the report's font, Inter (SIL Open Font License), Latin letters. */
export function fontPath(weight: '400' | '500' | '600'): string {
  return require.resolve(`@fontsource/inter/files/inter-latin-${weight}-normal.woff2`);
}

/** The style sheet: font, theme and layout. */
export function styleSheet(): string {
  const faces = (['400', '500', '600'] as const).map((weight) => {
    const font = readFileSync(fontPath(weight)).toString('base64');
    return `@font-face{font-family:Inter;font-weight:${weight};src:url(data:font/woff2;base64,${font}) format("woff2")}`;
  });
  const layout = ['report.css', 'claims.css'].map((name) =>
    readFileSync(join(packageRoot, 'templates', name), 'utf8'),
  );
  return [...faces, themeCss(), ...layout].join('\n');
}

/** The modules of this room that the page carries, each after those that it imports. */
export const pageModules = [
  'charts/tick.js',
  'charts/spec.js',
  'charts/text-fit.js',
  'charts/heat.js',
  'charts/legend.js',
  'charts/layout.js',
  'charts/axes.js',
  'charts/datasets.js',
  'charts/furniture.js',
  'charts/configuration.js',
  '../analysis/cost/return-on-investment.js',
  'browser/calculator.js',
  'browser/unpack.js',
  'browser/page.js',
] as const;

/**
 * The script: Chart.js, its error bars, and our own drawing modules, so that the page and the PNG files draw through the same
 * code. The modules import from each other alone and share no names (a test holds them to that), so that joining their compiled
 * text without the import and export words gives one script.
 */
export function pageScript(): string {
  const libraries = [
    join(dirname(require.resolve('chart.js')), 'chart.umd.min.js'),
    join(dirname(require.resolve('chartjs-chart-error-bars')), 'index.umd.min.js'),
  ].map((path) => readFileSync(path, 'utf8'));
  const modules = pageModules.map((name) =>
    readFileSync(new URL(name, import.meta.url), 'utf8')
      .replace(/^import [^;]*;$/gm, '')
      .replace(/^export /gm, ''),
  );
  return [
    ...libraries,
    '(() => {',
    ...modules,
    'void startPage(window, window);',
    "startCalculator({ field: (id) => document.getElementById(id), currency: document.getElementById('roi').dataset.currency });",
    '})();',
  ]
    .map((text) => text.replace(/^\/\/# sourceMappingURL=.*$/gm, '').trim())
    .join('\n')
    .replaceAll('</script', '<\\/script');
}

/**
 * JSON that is safe inside a script element: no `<` that could end the element or open a comment, and none of the two line
 * separators that older JavaScript does not allow in strings. It parses to the same value.
 */
export function embeddedJson(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

/** Everything that the HTML file carries with it so that it never asks a network for anything. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { packageRoot } from '../support/package-root.js';
import { startPage } from './browser/page.js';
import { chartConfiguration } from './charts/configuration.js';
import { formatTick } from './charts/tick.js';
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
  const layout = readFileSync(join(packageRoot, 'templates', 'report.css'), 'utf8');
  return [...faces, themeCss(), layout].join('\n');
}

/**
 * The script: Chart.js, its error bars, and the functions of this room that draw, as their compiled source text. They are
 * written to stand alone (see each), so that the page and the PNG files draw through the same code.
 */
export function pageScript(): string {
  const libraries = [
    join(dirname(require.resolve('chart.js')), 'chart.umd.min.js'),
    join(dirname(require.resolve('chartjs-chart-error-bars')), 'index.umd.min.js'),
  ].map((path) => readFileSync(path, 'utf8').replace(/^\/\/# sourceMappingURL=.*$/m, ''));
  const start = `(${startPage.toString()})(window,window,${chartConfiguration.toString()},${formatTick.toString()});`;
  return [...libraries, start].join('\n').replaceAll('</script', '<\\/script');
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

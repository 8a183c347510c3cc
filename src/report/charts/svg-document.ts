import Handlebars from 'handlebars';
import { lightTheme } from '../theme.js';
import { slideSize } from './slide-size.js';
import type { ChartSpec } from './spec.js';
import { shortPath } from './svg-path.js';

/**
 * Makes the file of an SVG slide: shorter paths, and a title and a description with all that the chart says.
 *
 * @param drawn what `drawSvg` drew
 * @param footer small print at the foot
 */
export function svgDocument(drawn: string, spec: ChartSpec, footer: string): string {
  const { width, height } = slideSize;
  const inside = drawn
    .replace(/^[^]*?<svg [^>]*>/, '')
    .replace(/<\/svg>\s*$/, '')
    .replace(/ d="([^"]*)"/g, (_all, path: string) => ` d="${shortPath(path)}"`)
    .replace(/\b(\d+\.\d\d)\d+/g, '$1')
    .replace(/\s*\n\s*/g, '\n');
  const [title, description] = [spec.title, `${spec.subtitle}. ${spec.howToRead} ${footer}`].map((text) =>
    Handlebars.escapeExpression(xmlCharacters(text)),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${String(width)}" height="${String(height)}" viewBox="0 0 ${String(width)} ${String(height)}" role="img" aria-labelledby="title description">`,
    `<title id="title">${title ?? ''}</title>`,
    `<desc id="description">${description ?? ''}</desc>`,
    `<rect width="${String(width)}" height="${String(height)}" fill="${lightTheme.surface}"/>${inside.trimEnd()}`,
    '</svg>',
    '',
  ].join('\n');
}

/** The text without what no XML document may hold, escaped or not (XML 1.0, 2.2): control characters and half characters. */
function xmlCharacters(text: string): string {
  return text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
}

/** Text from outside in CommonMark with GitHub's tables: it is read as it is, and can be neither markup nor a link. */
import { displayText } from '../format.js';

/**
 * Escapes a text for a line of Markdown: everything that begins an element, an entity, a link or a table cell, and the two
 * places where GitHub makes links by itself. Control characters, line breaks among them, become visible.
 *
 * @param maxLength characters kept before escaping
 */
export function markdownText(text: string, maxLength = 300): string {
  return displayText(text, maxLength)
    .replace(/[\\`*_[\]<>|~&$]/g, '\\$&')
    .replaceAll('://', ':\\/\\/')
    .replace(/\bwww\./gi, (match) => `${match.slice(0, -1)}\\.`)
    .replace(/^(\s*)([-+#=])/, '$1\\$2')
    .replace(/^(\s*\d{1,9})([.)])(?=\s|$)/, '$1\\$2');
}

/** A command or an output in a fenced block that nothing inside it can close. */
export function markdownCode(text: string, language = ''): string {
  const shown = displayText(text, 4000);
  const longest = Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}${language}\n${shown}\n${fence}`;
}

/**
 * A table. Cells are Markdown already; columns named in `numbers` are set to the right.
 *
 * @param head one text a column
 * @param rows of as many cells
 */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: readonly number[] = [],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(head),
    line(head.map((_, column) => (numbers.includes(column) ? '--:' : '---'))),
    ...rows.map(line),
  ].join('\n');
}

/** Comparing with files that somebody accepted: `npm run golden:accept` writes them anew, to be read before they are committed. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/support/package-root.js';

const folder = join(packageRoot, 'test', 'golden');

/** Path of a file beside the golden ones. */
export const goldenPath = (name: string): string => join(folder, name);

/**
 * Fails where a text is not the accepted one, and says where it begins to differ.
 *
 * @param name of the accepted file, in test/golden
 */
export function assertGolden(name: string, text: string): void {
  const path = goldenPath(name);
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, text);
  const accepted = readFileSync(path, 'utf8');
  if (text === accepted) return;
  const [now, then] = [text.split('\n'), accepted.split('\n')];
  const line = now.findIndex((one, index) => one !== then[index]);
  const at = (lines: readonly string[]): string => (lines[line] ?? '(the end)').slice(0, 400);
  assert.fail(
    `${name} is not the accepted one from line ${String(line + 1)} on:\n  accepted: ${at(then)}\n  now:      ${at(now)}\n` +
      'If that was wanted: npm run golden:accept, and read the difference.',
  );
}

/** The page without what this project does not write: libraries, fonts, data blocks and their hashes. */
export function strippedPage(html: string): string {
  return html
    .replace(/<style>[^]*?<\/style>/, '<style></style>')
    .replace(/<script>[^]*?<\/script>/, '<script></script>')
    .replace(/(<script type="application\/json" id="[\w-]+">)[^]*?<\/script>/g, '$1</script>')
    .replace(/sha256-[\w+/&#;]+/g, 'sha256-…');
}

/** Without times, and with numbers of ten digits: exp and log may differ in the last ones from one Node.js to another. */
export function withoutTimes(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, '(time)')
    .replace(/\d{4}-\d\d-\d\d, \d\d:\d\d UTC/g, '(time)')
    .replace(/(?<![\w.])\d+\.\d{9,}(?:e[-+]\d+)?/g, (number) =>
      String(Number(Number(number).toPrecision(10))),
    );
}

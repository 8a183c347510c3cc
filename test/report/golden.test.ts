/**
 * The page for a small made-up result, compared with the accepted one. After a wanted change, look at the difference and accept:
 *
 *   npm run build && UPDATE_GOLDEN=1 node --test dist/test/report/golden.test.js && git diff test/golden
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { renderHtml } from '../../src/report/html.js';
import { packageRoot } from '../../src/support/package-root.js';
import { smallSummary } from './summaries.js';

const goldenPath = join(packageRoot, 'test', 'golden', 'report.html');

/** Leaves what this room says; takes out libraries, fonts, data blocks and their hashes. */
function stripped(html: string): string {
  return html
    .replace(/<style>[^]*?<\/style>/, '<style></style>')
    .replace(/<script>[^]*?<\/script>/, '<script></script>')
    .replace(/(<script type="application\/json" id="[\w-]+">)[^]*?<\/script>/g, '$1</script>')
    .replace(/sha256-[\w+/&#;]+/g, 'sha256-…');
}

describe('the page of a made-up result', () => {
  it('is the accepted one', () => {
    const page = stripped(renderHtml(smallSummary()));
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(goldenPath, page);
    assert.equal(
      page,
      readFileSync(goldenPath, 'utf8'),
      'the page changed; see the head of this file to accept it',
    );
  });

  it('is the same every time', () => {
    assert.equal(renderHtml(smallSummary()), renderHtml(smallSummary()));
  });
});

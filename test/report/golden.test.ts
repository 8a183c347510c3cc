/** The page for a small made-up result, compared with the accepted one; `npm run golden:accept` accepts a change. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderHtml } from '../../src/report/html.js';
import { renderMarkdown } from '../../src/report/markdown/report.js';
import { assertGolden, strippedPage } from './golden-files.js';
import { smallSummary } from './summaries.js';

describe('the page of a made-up result', () => {
  it('is the accepted one', () => {
    assertGolden('report.html', strippedPage(renderHtml(smallSummary())));
  });

  it('is the accepted one as Markdown', () => {
    assertGolden('report.md', renderMarkdown(smallSummary()));
  });

  it('is the same every time', () => {
    assert.equal(renderHtml(smallSummary()), renderHtml(smallSummary()));
  });
});

/** The page within its budget: what is given up, in which order, and that a browser shows the same. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { compactPage, PAGE_BUDGET_BYTES } from '../../src/report/compact-page.js';
import { renderHtml } from '../../src/report/html.js';
import { smallSummary, summaryOf } from './summaries.js';

const picture = (bytes: number): string => `data:image/webp;base64,${'A'.repeat(bytes)}`;
const images = (bytes: number): ReadonlyMap<string, string> =>
  new Map(['speedup', 'ladder', 'throughput', 'latency-p95', 'memory'].map((id) => [id, picture(bytes)]));

/** Text of a compressed block. */
function unpacked(html: string, id: string): string {
  const block = new RegExp(`id="${id}" data-packed="gzip">([^<]*)</script>`).exec(html)?.[1];
  assert.ok(block !== undefined, `${id} is compressed`);
  return gunzipSync(Buffer.from(block, 'base64')).toString('utf8');
}

describe('a page within its budget', () => {
  const summary = smallSummary();

  it('is left as it is where it fits', () => {
    const html = compactPage(summary, images(1000));
    assert.equal(html, renderHtml(summary, images(1000)));
    assert.doesNotMatch(html, /data-packed="gzip"/);
  });

  it('gives up the pictures for readers without scripts when compressing the data is not enough', () => {
    const html = compactPage(summary, images(400_000));
    assert.ok(Buffer.byteLength(html) < PAGE_BUDGET_BYTES);
    assert.doesNotMatch(html, /class="still"/);
    assert.deepEqual(JSON.parse(unpacked(html, 'summary-data')), JSON.parse(JSON.stringify(summary)));
    const { charts } = JSON.parse(unpacked(html, 'chart-data')) as { charts: unknown[] };
    assert.equal(charts.length, html.match(/<canvas /g)?.length);
    assert.match(html, /Every trial/);
  });

  it('compresses what is folded away in a very large run, and keeps under 2 MB', () => {
    const large = summaryOf({
      cases: Array.from({ length: 24 }, (_, index) => `case-${String(index)}`),
      blocks: 12,
      contenders: [
        ...['redis', 'redis-p16'].map((id) => ({ id })),
        ...['predis', 'predis-cpu'].map((id) => ({ id, engine: 'predis', boundary: 'api' as const })),
      ],
    });
    const trials = large.cases.flatMap(({ contenders }) => contenders.map((one) => one.trials.measured));
    assert.ok(trials.reduce((sum, count) => sum + count, 0) > 1000);
    const plain = renderHtml(large);
    assert.ok(Buffer.byteLength(plain) > 2_000_000, 'or nothing is tested here');
    const html = compactPage(large, images(60_000));
    assert.ok(Buffer.byteLength(html) < 2_000_000, `${String(Buffer.byteLength(html))} bytes`);
    const contents = JSON.parse(unpacked(html, 'folded-data')) as string[];
    const whole = html
      .replace(/<div data-folded="(\d+)">[^]*?<\/div>/g, (_, index) => contents[Number(index)] ?? '')
      .replace(/<script type="application[^]*$/, '');
    assert.equal(whole, plain.replace(/<script type="application[^]*$/, ''), 'unfolded it is the plain page');
  });
});

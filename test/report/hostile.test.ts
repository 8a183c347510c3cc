import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { embeddedJson } from '../../src/report/assets.js';
import { renderHtml } from '../../src/report/html.js';
import type { Summary } from '../../src/analysis/summary.js';
import { emptySummary, redisOnlySummary, smallSummary, summaryOf } from './summaries.js';

const attack = '</script><script>alert(1)</script><img src=x onerror=alert(2)>"\'`{{page}}\u2028\u202e';

/** Puts a text in the place of every text that a result file brings from outside. */
function poisoned(text: string): Summary {
  const summary = smallSummary();
  const sentence = { text, tone: 'bad' as const, refs: [] };
  return {
    ...summary,
    sources: summary.sources.map((source) => ({
      ...source,
      fileName: text,
      command: [text, text],
      tool: { ...source.tool, version: text, commit: text },
    })),
    environment: { ...summary.environment, cpuModel: text, kernel: text, virtualisation: text },
    cases: summary.cases.map((row) => ({
      ...row,
      id: text,
      workload: text,
      label: text,
      summary: text,
      derivedFrom: text,
      parameters: { [text]: 1 },
      contenders: row.contenders.map((contender) => ({
        ...contender,
        label: text,
        problems: [text],
        engine:
          contender.engine === null
            ? null
            : { ...contender.engine, name: text, version: text, settings: { [text]: text } },
      })),
    })),
    headline: [sentence],
    whereRedisWins: [sentence],
    caveats: [sentence],
  };
}

/** Everything outside the blocks that are ours: what a browser reads as markup. */
function markup(html: string): string {
  return html
    .replace(/<style>[^]*?<\/style>/, '')
    .replace(/<script[^>]*>[^]*?<\/script>/g, '<script></script>');
}

describe('hostile content', () => {
  it('is shown as text wherever it stands', () => {
    const html = renderHtml(poisoned(attack));
    assert.equal(html.match(/<script[\s>]/g)?.length, 3, 'two data blocks and one script');
    assert.equal(html.match(/<\/script>/g)?.length, 3);
    assert.ok(!markup(html).includes('<img'), 'no element was made');
    assert.ok(!/\son\w+=/.test(markup(html).replace(/"[^"]*"/g, '""')), 'no handler was made');
    assert.ok(markup(html).includes('&lt;/script&gt;&lt;script&gt;alert(1)'), 'it can be read');
    assert.ok(!markup(html).includes('\u202e'), 'direction cannot be turned');
  });

  it('of 10,000 characters is cut in the page and kept in the data', () => {
    const long = 'x'.repeat(10_000);
    const html = renderHtml(poisoned(long));
    assert.ok(!markup(html).includes('x'.repeat(2001)));
    assert.ok(html.includes(long), 'the embedded summary is whole');
  });

  it('of any kind cannot leave the data block, and comes back whole', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = embeddedJson({ text, more: [`${text}</script>`, '<!--', '\u2028'] });
        assert.ok(!/[<\u2028\u2029]/.test(json));
        assert.equal((JSON.parse(json) as { text: string }).text, text);
      }),
    );
  });
});

describe('a result with gaps', () => {
  const noNonsense = (html: string): void => {
    for (const nonsense of ['NaN', 'undefined', 'Infinity', '[object']) {
      assert.ok(!markup(html).includes(nonsense), nonsense);
    }
  };

  it('of a run that ended before its first trial renders and says so', () => {
    const html = renderHtml(emptySummary());
    noNonsense(html);
    assert.ok(html.includes('compared nothing with Redis'));
    assert.ok(!html.includes('<canvas'), 'no empty charts');
  });

  it('with Redis alone renders without a comparison', () => {
    const html = renderHtml(redisOnlySummary());
    noNonsense(html);
    assert.ok(html.includes('<h2 id="where-redis-wins-title">Where Redis wins</h2>'));
    assert.ok(html.includes('data-chart="throughput"'));
    assert.ok(!html.includes('data-chart="speedup"'));
  });

  it('with a single trial a contender says that there is no interval', () => {
    const html = renderHtml(summaryOf({ blocks: 1, keepTrials: 3 }));
    noNonsense(html);
    assert.ok(html.includes('no interval: too few trials'));
  });

  it('with a metric missing and a number that is none shows a gap, not nonsense', () => {
    const summary = smallSummary();
    const broken: Summary = {
      ...summary,
      cases: summary.cases.map((row) => ({
        ...row,
        contenders: row.contenders.map((contender, index) => ({
          ...contender,
          latency: null,
          metrics:
            index === 0
              ? []
              : contender.metrics.map((metric) => ({
                  ...metric,
                  median: { estimate: Number.NaN, low: Number.NaN, high: Number.POSITIVE_INFINITY },
                  values: metric.values.map(() => Number.NaN),
                })),
        })),
      })),
    };
    noNonsense(renderHtml(broken));
  });
});

describe('what the page must always say', () => {
  const pages = [smallSummary(), redisOnlySummary(), emptySummary()].map((summary) => renderHtml(summary));

  it('is its label, where Redis wins, all twenty disclosure items, and how to do it again', () => {
    for (const html of pages) {
      assert.ok(html.includes('<p class="label">self-reported, unaudited</p>'));
      assert.ok(html.includes('id="where-redis-wins"'));
      const table = /<table class="disclosure">[^]*?<\/table>/.exec(html)?.[0] ?? '';
      assert.equal(table.match(/<th scope="row">/g)?.length, 20);
      assert.ok(table.includes('NOT DISCLOSED'));
      assert.ok(html.includes('predis-bench run made-for-tests'));
    }
  });

  it('is a policy that allows nothing from outside', () => {
    for (const html of pages) {
      const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
      assert.match(policy, /default-src &#x27;none&#x27;/);
      assert.ok(!policy.includes('unsafe'), policy);
      assert.ok(!/\sstyle=/.test(markup(html)), 'no inline style, which the policy would refuse');
      assert.ok(!/(?:src|href)="(?!#|data:)/.test(markup(html)), 'no address but within the page');
    }
  });
});

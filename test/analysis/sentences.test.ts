import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { summarise } from '../../src/analysis/summarise.js';
import type { Sentence, Summary } from '../../src/analysis/summary.js';
import * as format from '../../src/support/format.js';
import { resolvePointer } from '../../src/support/json-pointer.js';
import { defaultContenders, makeResultFile, saturate, type FixtureOptions } from './fixtures.js';

const one = (options: FixtureOptions = {}): Summary =>
  summarise([{ fileName: 'a.json', result: makeResultFile(options) }]);
const said = (summary: Summary): readonly Sentence[] => [
  ...summary.headline,
  ...summary.whereRedisWins,
  ...summary.caveats,
];

const slowPredis = defaultContenders.map((contender) =>
  contender.engine === 'predis' ? { ...contender, throughput: 150_000 } : contender,
);
const summaries: Record<string, Summary> = {
  'a clear win': one({ blocks: 16, cases: ['hft', 'batch/mget-100'] }),
  'a mixed run': one({ blocks: 16, contenders: slowPredis }),
  'a quick, interrupted run with spoilt trials': one({
    blocks: 2,
    quick: true,
    status: 'interrupted',
    keepTrials: 11,
    spoil: ({ contender, position }) =>
      contender === 'redis' && position === 0
        ? 'void'
        : contender === 'predis' && position === 2
          ? 'failed'
          : 'measured',
  }),
  'a Redis that could not keep up': summarise([
    { fileName: 'a.json', result: saturate(makeResultFile({ blocks: 16 }), ['redis', 'redis-pipelined']) },
  ]),
  'a run of nothing': one({ blocks: 2, spoil: () => 'failed' }),
  'a run without comparisons': one({ blocks: 2, comparisons: [] }),
};

const formatters: readonly ((value: number) => string)[] = [
  format.formatRate,
  format.formatDuration,
  format.formatBytes,
  format.formatRatio,
  format.formatPercent,
  format.formatCount,
  format.describePValue,
];

describe('sentences', () => {
  for (const [name, summary] of Object.entries(summaries)) {
    it(`show no number that is not at their references: ${name}`, () => {
      for (const { text, refs } of said(summary)) {
        let rest = text;
        for (const ref of refs) {
          const value = resolvePointer(summary, ref);
          assert.ok(typeof value === 'number' || typeof value === 'string', `${ref} leads nowhere`);
          const forms = typeof value === 'string' ? [value] : formatters.map((as) => as(value));
          const form = forms
            .filter((candidate) => rest.includes(candidate))
            .sort((a, b) => b.length - a.length)[0];
          assert.ok(form !== undefined, `nothing at ${ref} is in: ${text}`);
          rest = rest.replace(form, '');
        }
        // names of metrics, and the threshold that nobody claims to have passed
        rest = rest.replace(
          /\bp9[59] latency|in 99 % of the requests|p < 0\.001 could not have been reached|have reached p < 0\.001/g,
          '',
        );
        assert.doesNotMatch(rest, /\d/, text);
      }
    });
  }

  it('hold Redis to its best variant on each metric', () => {
    const summary = summaries['a clear win'];
    assert.ok(summary !== undefined);
    const throughput = summary.headline[0];
    assert.match(throughput?.text ?? '', /redis-pipelined .* the Redis variant that did best on this metric/);
    const p95 = summary.headline.find(({ text }) => text.includes('p95'));
    assert.match(p95?.text ?? '', /for redis \(made for tests\), the Redis variant that did best/);
  });

  it('name the boundary that is crossed in the same sentence', () => {
    for (const summary of [summaries['a clear win'], summaries['a mixed run']]) {
      for (const { text } of summary?.headline ?? []) {
        if (!text.includes('memory')) assert.match(text, /across two boundaries \(api and socket\)/);
      }
    }
  });

  it('say with a ratio of latencies who could not keep up', () => {
    const latencies = (name: string): string[] =>
      (summaries[name]?.headline ?? []).map(({ text }) => text).filter((text) => text.includes('latency of'));
    const saturated = latencies('a Redis that could not keep up');
    assert.ok(saturated.length > 0);
    for (const text of saturated) {
      assert.match(text, /; redis.* could not keep up in 32 of 32 trials.* not how fast each is\.$/);
    }
    for (const text of latencies('a clear win')) assert.doesNotMatch(text, /keep up/);
  });

  it('say p < 0.001 only where it is', () => {
    for (const summary of Object.values(summaries)) {
      for (const { text, refs } of summary.headline) {
        if (!text.includes('p < 0.001')) continue;
        const p = refs.map((ref) => (ref.endsWith('adjustedPValue') ? resolvePointer(summary, ref) : null));
        assert.ok(
          p.some((value) => typeof value === 'number' && value < 0.001),
          text,
        );
      }
    }
  });

  it('claim nothing in a run with too few trials', () => {
    const quick = summaries['a quick, interrupted run with spoilt trials'];
    for (const { text, tone } of quick?.headline ?? []) {
      assert.equal(tone, 'neutral');
      assert.match(text, /too few trials to show a difference/);
    }
    assert.match(quick?.whereRedisWins[0]?.text ?? '', /too few to say who is ahead/);
  });

  it('list where Redis wins, and say so when it wins nowhere', () => {
    const mixed = summaries['a mixed run'];
    const won = mixed?.whereRedisWins.filter(({ text }) => text.includes('Redis was ahead')) ?? [];
    assert.equal(won.length, 1);
    assert.match(
      won[0]?.text ?? '',
      /throughput .* redis-pipelined .* a ratio of 0\.\d\d×, where less than one/,
    );
    assert.deepEqual(
      summaries['a clear win']?.whereRedisWins.map(({ text }) => text),
      ['In this run Redis won none of the 12 comparisons.'],
    );
    for (const summary of Object.values(summaries)) assert.ok(summary.whereRedisWins.length > 0);
  });

  it('warn of what a reader must know', () => {
    const texts = (name: string) => summaries[name]?.caveats.map(({ text }) => text).join('\n') ?? '';
    const quick = texts('a quick, interrupted run with spoilt trials');
    assert.match(quick, /: 1 trial with wrong values, left out of everything \(Made void for a test\.\)/);
    assert.match(quick, /: 1 trial that failed, left out/);
    assert.match(quick, /did not end: 11 of 12 planned trials/);
    assert.match(quick, /Quick mode/);
    assert.match(quick, /p < 0\.001 could not have been reached after correction over 6 comparisons/);
    assert.match(texts('a clear win'), /The Predis engine ran on the CPU; no GPU was used\./);
    assert.match(texts('a clear win'), /their ratio is not one of engines alone/);
    assert.match(texts('a clear win'), /Memory is what each engine says of itself/);
    assert.doesNotMatch(texts('a clear win'), /Quick mode|did not end|could not have/);
  });
});

describe('resolvePointer', () => {
  it('follows RFC 6901', () => {
    const document = { 'a/b': [{ '~': 1 }], toString: undefined };
    assert.equal(resolvePointer(document, '/a~1b/0/~0'), 1);
    assert.equal(resolvePointer(document, ''), document);
    assert.equal(resolvePointer(document, '/missing/0'), undefined);
    assert.equal(resolvePointer({}, '/constructor'), undefined);
    assert.equal(resolvePointer(document, 'a'), undefined);
  });
});

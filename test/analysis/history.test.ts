import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { buildHistory, levelOf } from '../../src/analysis/history.js';
import { makeResultFile, type FixtureOptions } from './fixtures.js';

const options = { metrics: ['throughput'], alpha: 0.01, minimumChange: 0.05, seed: 1 } as const;

/** One result a day; from `changed` on Predis is slower. */
function days(count: number, changed: number, more: FixtureOptions = {}) {
  return Array.from({ length: count }, (_, day) => ({
    fileName: `day-${String(day)}.json`,
    result: makeResultFile({
      id: `made-for-tests-day-${String(day)}`,
      seed: day + 1,
      blocks: 3,
      predisSpeed: day < changed ? 1 : 0.8,
      createdAt: new Date(Date.UTC(2026, 0, 1 + day)).toISOString(),
      ...more,
    }),
  }));
}

const seriesOf = (history: ReturnType<typeof buildHistory>, contender: string) => {
  const [found] = history.series.filter((series) => series.contender === contender);
  assert.ok(found !== undefined);
  return found;
};

describe('buildHistory', () => {
  it('finds a planted change where it is, in Predis alone', () => {
    const history = buildHistory(days(16, 9), options);
    const { changes, points, enough } = seriesOf(history, 'predis');
    assert.equal(enough, true);
    assert.equal(points.length, 16);
    const [change, ...others] = changes;
    assert.deepEqual(others, []);
    assert.equal(change?.index, 9);
    assert.ok(change.low <= 9 && change.high >= 9 && change.high - change.low <= 4);
    assert.equal(change.better, false);
    assert.ok((change.ratio.low ?? 0) > 0.74 && (change.ratio.high ?? 1) < 0.86);
    assert.ok(Math.abs(levelOf(points.slice(9)) / levelOf(points.slice(0, 9)) - 0.8) < 0.05);
    assert.deepEqual(seriesOf(history, 'redis').changes, []);
  });

  it('puts results in order of time, and counts a result once', () => {
    const sources = days(6, 99);
    const history = buildHistory([...sources].reverse().concat(sources.slice(0, 2)), options);
    assert.equal(history.results, 6);
    assert.deepEqual(
      seriesOf(history, 'redis').points.map(({ fileName }) => fileName),
      sources.map(({ fileName }) => fileName),
    );
    assert.equal(seriesOf(history, 'redis').enough, false);
  });

  it('keeps apart what cannot be compared: machines, streams, windows', () => {
    const apart = [
      ...days(2, 99),
      ...days(2, 99, { id: 'made-for-tests-other-machine', fingerprint: 'fedcba9876543210' }),
      ...days(2, 99, { id: 'made-for-tests-other-window', windowMs: 500 }),
      ...days(2, 99, { id: 'made-for-tests-other-stream', cases: [{ id: 'hft', streamSeed: 2 }] }),
    ];
    const history = buildHistory(apart, options);
    assert.equal(history.series.filter(({ contender }) => contender === 'redis').length, 4);
  });

  it('leaves small changes out, and knows that less latency is better', () => {
    const sources = days(16, 8);
    assert.deepEqual(
      seriesOf(buildHistory(sources, { ...options, minimumChange: 0.4 }), 'predis').changes,
      [],
    );
    const latency = buildHistory(sources, { ...options, metrics: ['latencyP50'] });
    const [change] = seriesOf(latency, 'predis').changes;
    assert.ok(change !== undefined && change.ratio.estimate > 1.1);
    assert.equal(change.better, false);
  });
});

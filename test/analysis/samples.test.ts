import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { percentileRatios } from '../../src/analysis/percentiles.js';
import { compareRuns } from '../../src/analysis/runs.js';
import { compareSamples, requiredValues } from '../../src/analysis/samples.js';
import { createRandom } from '../../src/support/random.js';
import { hodgesLehmannRatio, mannWhitneyU } from '../../src/stats/index.js';
import { close } from '../stats/brute-force.js';
import { makeResultFile } from './fixtures.js';

const before = [101, 107, 98, 110, 104, 112];
const after = [118, 124, 121, 129, 115, 127];
const only = (a: readonly number[], b: readonly number[], margin = 0.05, alpha = 0.05) => {
  const [comparison] = compareSamples([{ a, b, margin, scale: 'ratio' }], alpha);
  assert.ok(comparison !== undefined);
  return comparison;
};

describe('compareSamples', () => {
  it('gives the numbers of the worked example in docs/statistics.md', () => {
    const { effect, pValue, cliffsDelta, verdict, method } = only(before, after);
    close(pValue, 2 / 924, 1e-12);
    assert.equal(effect.estimate.toFixed(3), '1.161');
    assert.equal(effect.low?.toFixed(3), '1.080');
    assert.equal(effect.high?.toFixed(3), '1.240');
    assert.deepEqual([cliffsDelta, verdict, method], [1, 'b-higher', 'exact']);
    assert.equal(only(after, before).verdict, 'b-lower');
  });

  it('tells equal within the margin from not known', () => {
    const values = [100, 100.2, 99.8, 100.1, 99.9, 100.3, 99.7, 100.4];
    const shuffled = [100.05, 99.85, 100.15, 99.95, 100.25, 99.75, 100.35, 99.65];
    const same = only(values, shuffled);
    assert.equal(same.verdict, 'equivalent');
    assert.ok(same.equivalence.shown && same.equivalence.pValue < 0.01);
    const noisy = only([60, 140, 100, 90, 120, 80], [61, 139, 101, 91, 119, 82]);
    assert.equal(noisy.verdict, 'inconclusive');
    assert.ok(noisy.detectable !== null && noisy.detectable.high > 1.5);
    close(noisy.detectable.low * noisy.detectable.high, 1, 1e-12);
  });

  it('says when so few values could show nothing, and how many could', () => {
    const few = only([1, 2, 3], [1, 2, 3]);
    assert.equal(few.verdict, 'too-few');
    assert.equal(few.effect.low, null);
    assert.equal(few.detectable, null);
    assert.equal(requiredValues(0.05, 1), 4); // 2 / C(8, 4) = 0.029
    assert.equal(requiredValues(0.001, 1), 7); // 2 / C(14, 7) = 0.00058
    assert.equal(requiredValues(0.001, 20), 9);
  });

  it('corrects over the family', () => {
    const pair = { a: before, b: after, margin: 0.05, scale: 'ratio' } as const;
    const [first] = compareSamples([pair, { ...pair, b: before }, { ...pair, b: before }], 0.05);
    close(first?.adjustedPValue ?? NaN, 3 * (2 / 924), 1e-12);
  });

  it('gives ratios of percentiles where values lie beyond them', () => {
    const random = createRandom(3);
    const draws = (level: number) =>
      Array.from({ length: 200 }, () => level * Math.exp(0.2 * random.nextDouble()));
    const percentiles = percentileRatios(
      { a: draws(100), b: draws(120), margin: 0.05, scale: 'ratio' },
      0.05,
    );
    assert.deepEqual(
      percentiles.map(({ percentile, valuesNeeded, ratio }) => [percentile, valuesNeeded, ratio !== null]),
      [
        [50, 10, true],
        [95, 100, true],
        [99, 500, false],
      ],
    );
    const [p50] = percentiles;
    assert.ok(
      p50?.ratio && Math.abs(p50.ratio.estimate - 1.2) < 0.05 && p50.ratio.high - p50.ratio.low < 0.1,
    );
  });

  it('corrects equivalence over the family too', () => {
    const values = [100, 100.2, 99.8, 100.1];
    const pair = { a: values, b: [100.05, 99.85, 100.15, 99.95], margin: 0.05, scale: 'ratio' } as const;
    const [alone] = compareSamples([pair], 0.05);
    assert.equal(alone?.verdict, 'equivalent'); // 1 / C(8, 4) = 0.014
    const [, ...family] = compareSamples([pair, pair, pair, pair], 0.05);
    assert.ok(family.every(({ equivalence }) => !equivalence.shown && equivalence.adjustedPValue > 0.05));
  });

  it('turns round when the samples change places', () => {
    const sample = fc.array(fc.integer({ min: 50, max: 150 }), { minLength: 4, maxLength: 12 });
    fc.assert(
      fc.property(sample, sample, (a, b) => {
        const [there, back] = [only(a, b), only(b, a)];
        close(there.pValue, back.pValue, 1e-9);
        close(there.effect.estimate * back.effect.estimate, 1, 1e-9);
        close(there.equivalence.pValue, back.equivalence.pValue, 1e-9);
        const turned = { 'b-higher': 'b-lower', 'b-lower': 'b-higher' } as Record<string, string>;
        assert.equal(turned[there.verdict] ?? there.verdict, back.verdict);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it('compares differences too, of values of any sign', () => {
    const [comparison] = compareSamples(
      [{ a: [-2, -1, 0, 1, 2, 3], b: [8, 9, 10, 11, 12, 13], margin: 2, scale: 'difference' }],
      0.05,
    );
    assert.equal(comparison?.effect.estimate, 10);
    assert.equal(comparison.verdict, 'b-higher');
    assert.throws(() => only([0, 1, 2, 3], [1, 2, 3, 4]), /0; a ratio needs values above 0/);
  });
});

describe('compareRuns', () => {
  const options = { alpha: 0.05, metrics: [{ metric: 'throughput', margin: 0.05 }] } as const;
  const a = makeResultFile({ seed: 1, blocks: 6 });

  it('compares each contender with itself, as the statistics do', () => {
    const b = makeResultFile({ seed: 2, blocks: 6, predisSpeed: 0.8 });
    const { comparisons, notes } = compareRuns(a, b, ['hft'], options);
    assert.deepEqual(
      comparisons
        .map(({ contender, verdict }) => `${contender} ${verdict}`)
        .filter((one) => one.startsWith('predis')),
      ['predis b-lower'],
    );
    assert.equal(comparisons.length, 3);
    assert.deepEqual(notes, []);
    const values = (file: typeof a) =>
      file.trials.flatMap((trial) =>
        trial.contender === 'predis' && trial.state === 'measured'
          ? [trial.measurements.throughputPerSecond]
          : [],
      );
    const predis = comparisons.find(({ contender }) => contender === 'predis');
    close(predis?.pValue ?? NaN, mannWhitneyU(values(b), values(a)).pValue, 1e-12);
    close(predis?.effect.estimate ?? NaN, hodgesLehmannRatio(values(b), values(a)).estimate, 1e-12);
    assert.ok((predis?.effect.estimate ?? 1) < 0.85);
  });

  it('leaves out what was driven differently, and names wrong values', () => {
    const b = makeResultFile({
      seed: 2,
      blocks: 6,
      contenders: [
        { id: 'redis', pipelineDepth: 4 },
        { id: 'predis', engine: 'predis', boundary: 'api' },
      ],
      spoil: ({ contender, block }) => (contender === 'predis' && block === 0 ? 'void' : 'measured'),
    });
    const { comparisons, notes } = compareRuns(a, b, ['hft'], options);
    assert.deepEqual(
      comparisons.map(({ contender }) => contender),
      ['predis'],
    );
    assert.match(notes.join('\n'), /redis was driven differently: .*depth 1 in A and .*depth 4 in B/);
    assert.match(notes.join('\n'), /2 of its trials in B gave wrong values/);
  });
});

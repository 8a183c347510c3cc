import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { bootstrapRatio, chiSquareTest, median, quantile } from '../../src/stats/index.js';
import { quantilesWithoutOne, resampledQuantile } from '../../src/stats/resampled-quantile.js';
import { createRandom } from '../../src/support/random.js';
import { close } from './brute-force.js';

const x = [118, 124, 121, 129, 115, 127, 119, 133, 122, 126, 125, 117];
const y = [101, 107, 98, 110, 104, 112, 99, 105, 103, 121, 108, 100];

describe('bootstrapRatio', () => {
  it('agrees with SciPy (400,000 resamples) on medians, means and percentiles, single and paired', () => {
    const cases: readonly [number | 'mean', 'bca' | 'percentile', boolean, number, number][] = [
      [0.5, 'bca', false, 1.11682243, 1.24137931],
      [0.5, 'bca', true, 1.15207373, 1.21],
      [0.5, 'percentile', false, 1.11162791, 1.2361809],
      [0.5, 'percentile', true, 1.14545455, 1.2039801],
      ['mean', 'bca', false, 1.1129157, 1.20809717],
      ['mean', 'bca', true, 1.12680334, 1.19321446],
      ['mean', 'percentile', false, 1.11633282, 1.21103896],
      ['mean', 'percentile', true, 1.13053613, 1.19598394],
      [0.9, 'bca', false, 1.04746045, 1.22934076],
      [0.9, 'bca', true, 1.04876033, 1.23148148],
      [0.9, 'percentile', false, 1.04793388, 1.22974261],
      [0.9, 'percentile', true, 1.04876033, 1.23457944],
    ];
    for (const [statistic, method, paired, low, high] of cases) {
      const interval = bootstrapRatio(x, y, { statistic, method, paired, resamples: 40_000 });
      // two sets of random resamples of a discrete distribution: they agree to a few thousandths
      assert.ok(
        Math.abs(interval.low - low) < 0.004 && Math.abs(interval.high - high) < 0.004,
        `${String(statistic)} ${method} ${String(paired)}: ${String(interval.low)} ${String(interval.high)}`,
      );
    }
  });

  it('gives the quantiles of complete enumeration', () => {
    const a = [2, 3, 5];
    const b = [1, 4, 6];
    const samples = (values: readonly number[]) =>
      values.flatMap((i) => values.flatMap((j) => values.map((k) => median([i, j, k]))));
    const ratios = samples(a).flatMap((p) => samples(b).map((q) => p / q));
    ratios.sort((p, q) => p - q);
    const { low, high } = bootstrapRatio(a, b, {
      method: 'percentile',
      confidence: 0.8,
      resamples: 50_000,
    });
    // 10 % and 90 % of 729 equally likely ratios; both lie inside a run of equal ones
    close(low, ratios[72] ?? NaN, 1e-12);
    close(high, ratios[656] ?? NaN, 1e-12);
  });

  it('draws quantiles as if whole samples were drawn', () => {
    // 6 values, probability 0.7: the resampled quantile lies between the 4th and 5th smallest of 6 draws
    const values = [1, 2, 4, 8, 16, 32];
    const wanted = new Map<number, number>();
    const count = 6 ** 6;
    for (let code = 0; code < count; code++) {
      const drawn = values.map((_, place) => values[Math.floor(code / 6 ** place) % 6] ?? NaN);
      const at = Number(quantile(drawn, 0.7).toFixed(9));
      wanted.set(at, (wanted.get(at) ?? 0) + 1 / count);
    }
    const draw = resampledQuantile(Float64Array.from(values), 0.7, createRandom(11));
    const seen = new Map<number, number>();
    const draws = 60_000;
    for (let i = 0; i < draws; i++) {
      const at = Number(draw().toFixed(9));
      seen.set(at, (seen.get(at) ?? 0) + 1);
    }
    const kinds = [...wanted.keys()];
    assert.deepEqual(
      [...seen.keys()].filter((at) => !wanted.has(at)),
      [],
    );
    const { pValue } = chiSquareTest(
      kinds.map((at) => seen.get(at) ?? 0),
      kinds.map((at) => (wanted.get(at) ?? 0) * draws),
    );
    assert.ok(pValue > 0.001, `p = ${String(pValue)}`);
  });

  it('takes no longer for large samples', () => {
    const random = createRandom(2);
    const large = Float64Array.from({ length: 200_000 }, () => Math.exp(random.nextDouble()));
    const { low, high, estimate } = bootstrapRatio(large, large.subarray(0, 100_000), { statistic: 0.99 });
    assert.ok(low < estimate && estimate < high && high - low < 0.005);
  });

  it('leaves out one value at a time', () => {
    const sorted = Float64Array.from([1, 3, 4, 9, 10, 22]);
    for (const probability of [0, 0.2, 0.5, 0.77, 1]) {
      assert.deepEqual(
        [...quantilesWithoutOne(sorted, probability)],
        [...sorted].map((_, left) =>
          quantile(
            sorted.filter((_value, index) => index !== left),
            probability,
          ),
        ),
      );
    }
  });

  it('is the same for the same seed, and turns round with the samples', () => {
    const value = fc.integer({ min: 1, max: 1000 });
    const sample = fc.array(value, { minLength: 4, maxLength: 10 });
    fc.assert(
      fc.property(sample, fc.integer({ min: 0, max: 2 ** 32 - 1 }), (values, seed) => {
        const options = { seed, resamples: 200 };
        const there = bootstrapRatio(values, [3, 1, 2, 5], options);
        assert.deepEqual(bootstrapRatio(values, [3, 1, 2, 5], options), there);
        assert.ok(there.low <= there.high);
        const scaled = bootstrapRatio(
          values.map((one) => 8 * one),
          [3, 1, 2, 5],
          options,
        );
        close(scaled.low, 8 * there.low, 1e-9);
        close(scaled.high, 8 * there.high, 1e-9);
      }),
      { seed: 5, numRuns: 50 },
    );
    assert.notDeepEqual(
      bootstrapRatio(x, y, { seed: 2, statistic: 'mean' }).low,
      bootstrapRatio(x, y, { statistic: 'mean' }).low,
    );
  });

  it('pairs what was measured together', () => {
    const twice = x.map((value) => 2 * value);
    const { low, high, estimate } = bootstrapRatio(twice, x, { paired: true, resamples: 500 });
    assert.deepEqual(
      [low, estimate, high].map((value) => value.toFixed(12)),
      new Array<string>(3).fill('2.000000000000'),
    );
    const apart = bootstrapRatio(twice, x, { resamples: 500 });
    assert.ok(apart.low < 1.98 && apart.high > 2.02);
  });

  it('warns where there are few values, and takes samples without spread', () => {
    assert.equal(bootstrapRatio([1, 2], [1, 2]).fewValues, true);
    assert.equal(bootstrapRatio(x, y).fewValues, false);
    const { low, high } = bootstrapRatio([4, 4, 4], [2, 2, 2]);
    close(low, 2, 1e-12);
    close(high, 2, 1e-12);
  });

  it('refuses what it cannot take', () => {
    assert.throws(() => bootstrapRatio([1], [1, 2]), /x has 1 values; at least 2/);
    assert.throws(() => bootstrapRatio([1, 2], [1, 0]), /y\[1\] is 0/);
    assert.throws(() => bootstrapRatio([1, NaN], [1, 2]), /x\[1\] is NaN/);
    assert.throws(() => bootstrapRatio([1, 2, 3], [1, 2], { paired: true }), /pairs/);
    assert.throws(() => bootstrapRatio([1, 2], [1, 2], { statistic: 1.5 }), /quantile/);
    assert.throws(() => bootstrapRatio([1, 2], [1, 2], { resamples: 10 }), /resamples/);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { cliffsDelta, hodgesLehmann, hodgesLehmannRatio, mannWhitneyU } from '../../src/stats/index.js';
import { selectDifference } from '../../src/stats/select-difference.js';
import { close, countWins, middle, sortedDifferences } from './brute-force.js';

const values = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 15 });

describe('hodgesLehmann', () => {
  it('selects every difference as sorting them would', () => {
    fc.assert(
      fc.property(values, values, (x, y) => {
        const sorted = sortedDifferences(x, y);
        const a = Float64Array.from(x).sort();
        const b = Float64Array.from(y).sort();
        sorted.forEach((expected, index) => {
          assert.equal(selectDifference(a, b, index + 1) - expected, 0);
        });
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('is the median of all differences', () => {
    fc.assert(
      fc.property(values, values, (x, y) => {
        close(hodgesLehmann(x, y).estimate, middle(sortedDifferences(x, y)), 1e-12);
      }),
      { numRuns: 100, seed: 2 },
    );
  });

  it('excludes 0 exactly when the exact Mann-Whitney p is below alpha, without ties', () => {
    fc.assert(
      fc.property(values, values, fc.double({ min: -1e3, max: 1e3, noNaN: true }), (x, y0, shift) => {
        const y = y0.map((value) => value + shift);
        fc.pre(new Set([...x, ...y]).size === x.length + y.length);
        const { low, high, achievedConfidence } = hodgesLehmann(x, y, { confidence: 0.9 });
        const { pValue } = mannWhitneyU(x, y);
        fc.pre(achievedConfidence >= 0.9 && Math.abs(pValue - 0.1) > 1e-9);
        assert.equal(low > 0 || high < 0, pValue < 0.1);
      }),
      { numRuns: 500, seed: 3 },
    );
  });

  it('moves with the values: equivariant to shift and scale', () => {
    fc.assert(
      fc.property(values, values, (x, y) => {
        const one = hodgesLehmann(x, y);
        const two = hodgesLehmann(
          x.map((value) => 4 * value + 1024),
          y.map((value) => 4 * value),
        );
        assert.ok(Math.abs(two.estimate - (4 * one.estimate + 1024)) < 1e-9);
        assert.ok(Math.abs(two.low - (4 * one.low + 1024)) < 1e-9);
        const turned = hodgesLehmann(y, x);
        close(turned.low, -one.high, 1e-12);
      }),
      { numRuns: 100, seed: 4 },
    );
  });

  it('gives the widest interval when the samples are too small, and the confidence that it has', () => {
    // 3 against 2: even [smallest, largest] misses with probability 2 / C(5, 2)
    const { low, high, achievedConfidence } = hodgesLehmann([1, 2, 3], [1.5, 2.5]);
    assert.deepEqual([low, high], [-1.5, 1.5]);
    close(achievedConfidence, 0.8, 1e-12);
  });

  it('works on large samples in little memory, by the normal approximation', () => {
    const x = Float64Array.from({ length: 20_000 }, (_, i) => ((i * 7919) % 20_011) / 20_011);
    const y = Float64Array.from({ length: 20_000 }, (_, i) => ((i * 104_729) % 20_011) / 20_011 - 0.25);
    const { estimate, low, high, achievedConfidence } = hodgesLehmann(x, y);
    assert.ok(low < estimate && estimate < high);
    assert.ok(low < 0.25 && 0.25 < high && high - low < 0.02);
    assert.ok(Math.abs(achievedConfidence - 0.95) < 1e-3);
  });
});

describe('hodgesLehmannRatio', () => {
  it('is the shift on logarithms', () => {
    const { estimate, low, high } = hodgesLehmannRatio([20, 40, 80], [1, 2, 4], { confidence: 0.8 });
    close(estimate, 20, 1e-12);
    assert.ok(low < 20 && high > 20);
  });

  it('refuses values that have no logarithm', () => {
    assert.throws(() => hodgesLehmannRatio([1, 0], [1]), {
      message: 'x[1] is 0; a ratio needs values above 0',
    });
  });
});

describe('cliffsDelta', () => {
  it('is the share of pairs won less the share lost', () => {
    fc.assert(
      fc.property(values, values, (x, y) => {
        const expected = (countWins(x, y) - countWins(y, x)) / (x.length * y.length);
        assert.ok(Math.abs(cliffsDelta(x, y) - expected) < 1e-12);
      }),
      { seed: 5 },
    );
    assert.equal(cliffsDelta([4, 5], [1, 2, 3]), 1);
    assert.equal(cliffsDelta([1], [2]), -1);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import {
  holm,
  median,
  medianInterval,
  quantile,
  requiredBlocks,
  smallestMannWhitneyPValue,
  smallestSignedRankPValue,
} from '../../src/stats/index.js';
import { close } from './brute-force.js';

describe('holm', () => {
  it('steps down from the smallest p-value', () => {
    const adjusted = holm([0.02, 0.5, 0.011, 0.4]);
    [0.06, 0.8, 0.044, 0.8].forEach((expected, index) => {
      close(adjusted[index] ?? NaN, expected, 1e-12);
    });
  });

  it('rejects what sequential testing of ordered p-values at alpha / (k - i) rejects', () => {
    const p = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(p, { maxLength: 12 }), p, (pValues, alpha) => {
        const sorted = [...pValues].sort((a, b) => a - b);
        const stop = sorted.findIndex((value, i) => (pValues.length - i) * value > alpha);
        const bound = stop === -1 ? Infinity : (sorted[stop] ?? 0);
        holm(pValues).forEach((adjusted, index) => {
          assert.equal(adjusted <= alpha, (pValues[index] ?? 0) < bound || alpha >= 1);
        });
      }),
      { seed: 1 },
    );
  });

  it('counts tests of the family that could not be made', () => {
    close(holm([0.01], 5)[0] ?? NaN, 0.05);
    assert.throws(() => holm([0.1, 0.2], 1), RangeError);
  });

  it('refuses what is no p-value', () => {
    assert.throws(() => holm([0.1, 1.5]), /pValues\[1\]/);
    assert.deepEqual(holm([]), []);
  });
});

describe('quantile and median', () => {
  it('interpolate between order statistics', () => {
    assert.equal(quantile([3, 1, 2], 0), 1);
    assert.equal(quantile([3, 1, 2], 1), 3);
    close(quantile([0, 10], 0.3), 3);
    assert.equal(median([4, 1, 3, 2]), 2.5);
    assert.throws(() => quantile([1], 1.1), RangeError);
    assert.throws(() => median([]), /values is empty/);
  });
});

describe('medianInterval', () => {
  const range = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

  it('is bounded by order statistics with the binomial confidence', () => {
    const nine = medianInterval(range(9)); // P(B <= 1) = 10/512 < 0.025 <= P(B <= 2) = 46/512
    assert.deepEqual([nine.low, nine.high, nine.estimate], [2, 8, 5]);
    close(nine.achievedConfidence ?? NaN, 1 - 20 / 512, 1e-14);
    const seven = medianInterval(range(7), { confidence: 0.85 }); // P(B <= 1) = 8/128 < 0.075 <= 29/128
    assert.deepEqual([seven.low, seven.high], [2, 6]);
  });

  it('is not there when the values are too few', () => {
    assert.deepEqual(medianInterval(range(5)), {
      estimate: 3,
      low: null,
      high: null,
      achievedConfidence: null,
    });
    assert.equal(medianInterval([7]).estimate, 7);
    assert.equal(medianInterval(range(6)).low, 1);
  });

  it('goes over to the normal approximation without a step', () => {
    const below = medianInterval(range(1000));
    const above = medianInterval(range(1001));
    assert.ok(Math.abs((above.low ?? NaN) - (below.low ?? NaN)) <= 1);
    assert.ok(Math.abs((above.achievedConfidence ?? NaN) - (below.achievedConfidence ?? NaN)) < 0.01);
  });
});

describe('requiredBlocks', () => {
  it('is the least number with which both tests can pass', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(0.05, 0.01, 0.001),
        fc.integer({ min: 1, max: 100 }),
        (alpha, comparisons) => {
          const blocks = requiredBlocks({ alpha, comparisons });
          const worst = (b: number) =>
            comparisons * Math.max(smallestMannWhitneyPValue(2 * b, 2 * b), smallestSignedRankPValue(b));
          assert.ok(worst(blocks) < alpha);
          assert.ok(blocks === 1 || worst(blocks - 1) >= alpha);
        },
      ),
      { seed: 2 },
    );
    assert.equal(requiredBlocks({ alpha: 0.001, comparisons: 1 }), 11); // 2 / 2^11 < 0.001 < 2 / 2^10
    assert.equal(requiredBlocks({ alpha: 0.05, comparisons: 1 }), 6);
  });

  it('refuses an alpha or a family that cannot be', () => {
    assert.throws(() => requiredBlocks({ alpha: 0, comparisons: 1 }), RangeError);
    assert.throws(() => requiredBlocks({ alpha: 0.05, comparisons: 1.5 }), RangeError);
  });
});

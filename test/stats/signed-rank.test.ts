import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { pseudomedian, smallestSignedRankPValue, wilcoxonSignedRank } from '../../src/stats/index.js';
import { close, middle, signedRankTails, sortedWalshAverages } from './brute-force.js';

const tied = fc.array(fc.integer({ min: -5, max: 6 }), { minLength: 1, maxLength: 10 });
const smooth = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 14 });

describe('wilcoxonSignedRank', () => {
  it('is what enumerating every choice of signs gives, ties and dropped zeros included', () => {
    fc.assert(
      fc.property(tied, (differences) => {
        fc.pre(differences.some((d) => d !== 0));
        const brute = signedRankTails(differences);
        const result = wilcoxonSignedRank(differences);
        assert.equal(result.statistic, brute.v);
        assert.equal(result.zeros, differences.filter((d) => d === 0).length);
        close(result.pValue, Math.min(1, 2 * Math.min(brute.less, brute.greater)), 1e-14);
        close(wilcoxonSignedRank(differences, { alternative: 'less' }).pValue, brute.less, 1e-14);
        close(wilcoxonSignedRank(differences, { alternative: 'greater' }).pValue, brute.greater, 1e-14);
      }),
      { numRuns: 150, seed: 1 },
    );
  });

  it('turns round with the signs', () => {
    fc.assert(
      fc.property(smooth, (differences) => {
        const turned = differences.map((d) => -d);
        close(wilcoxonSignedRank(differences).pValue, wilcoxonSignedRank(turned).pValue, 1e-12);
      }),
      { numRuns: 100, seed: 2 },
    );
  });

  it('gives 2 / 2^n when all differences have one sign', () => {
    for (const n of [1, 5, 11, 40]) {
      const differences = Array.from({ length: n }, (_, i) => i + 1);
      close(wilcoxonSignedRank(differences).pValue, Math.min(1, 2 ** (1 - n)), 1e-14);
      assert.equal(smallestSignedRankPValue(n), Math.min(1, 2 ** (1 - n)));
    }
  });

  it('follows the closed form when asymptotic, ties corrected', () => {
    // |d| = 1, 2, 2, 4: V = 1 + 2.5 + 4 = 7.5, mean 5, variance 4*5*9/24 - 6/48 = 7.375
    const result = wilcoxonSignedRank([1, 2, -2, 4], { method: 'asymptotic' });
    assert.equal(result.statistic, 7.5);
    close(result.z ?? NaN, (7.5 - 5 - 0.5) / Math.sqrt(7.375), 1e-15);
    const many = Array.from({ length: 61 }, (_, i) => (i % 3 === 0 ? -1 : 1) * (i + 1));
    assert.equal(wilcoxonSignedRank(many).method, 'asymptotic');
  });

  it('learns nothing from zeros alone', () => {
    assert.deepEqual(wilcoxonSignedRank([0, 0]), {
      statistic: 0,
      pValue: 1,
      method: 'exact',
      used: 0,
      zeros: 2,
    });
  });

  it('refuses what has no meaning, with the place', () => {
    assert.throws(() => wilcoxonSignedRank([]), { message: 'differences is empty' });
    assert.throws(() => wilcoxonSignedRank([1, NaN]), {
      name: 'RangeError',
      message: 'differences[1] is NaN',
    });
  });
});

describe('pseudomedian', () => {
  it('is the median of the Walsh averages, and its bounds are two of them', () => {
    fc.assert(
      fc.property(smooth, (differences) => {
        const averages = sortedWalshAverages(differences);
        const result = pseudomedian(differences);
        close(result.estimate, middle(averages), 1e-12);
        assert.ok(averages.includes(result.low) && averages.includes(result.high));
        assert.ok(result.low <= result.estimate && result.estimate <= result.high);
      }),
      { numRuns: 100, seed: 3 },
    );
  });

  it('excludes 0 exactly when the exact p is below alpha, without ties', () => {
    // distinct sizes, none of them 0: then no Walsh average is 0 either
    const untied = fc
      .uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 6, maxLength: 14 })
      .chain((sizes) => fc.tuple(...sizes.map((size) => fc.boolean().map((up) => (up ? size : -size)))));
    fc.assert(
      fc.property(untied, fc.constantFrom(0.8, 0.9, 0.95), (differences, confidence) => {
        const { pValue } = wilcoxonSignedRank(differences);
        const { low, high, achievedConfidence } = pseudomedian(differences, { confidence });
        assert.ok(achievedConfidence >= confidence);
        fc.pre(Math.abs(pValue - (1 - confidence)) > 1e-9);
        assert.equal(low > 0 || high < 0, pValue < 1 - confidence);
      }),
      { numRuns: 300, seed: 4 },
    );
  });

  it('achieves at least the confidence asked, or gives all there is and says so', () => {
    const six = [1, 2, 3, 4, 5, 6];
    assert.equal(pseudomedian(six).achievedConfidence, 1 - 2 / 64);
    assert.deepEqual([pseudomedian(six).low, pseudomedian(six).high], [1, 6]);
    const three = pseudomedian([1, 2, 3]);
    assert.deepEqual([three.low, three.high, three.achievedConfidence], [1, 3, 0.75]);
  });
});

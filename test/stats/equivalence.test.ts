import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import {
  equivalence,
  hodgesLehmannRatio,
  pairedEquivalence,
  requiredForEquivalence,
} from '../../src/stats/index.js';
import { createRandom } from '../../src/support/random.js';
import { normal } from '../analysis/fixtures.js';
import { close } from './brute-force.js';

const x = [118, 124, 121, 129, 115, 127, 119, 133];
const y = [117, 123, 122, 128, 116, 126, 120, 131];

describe('equivalence', () => {
  it('agrees with two one-sided tests of SciPy', () => {
    const { pLower, pUpper, pValue, equivalent, bounds, method } = equivalence(x, y, { margin: 0.05 });
    close(pLower, 0.032478632478632474, 1e-12);
    close(pUpper, 0.041491841491841486, 1e-12);
    assert.equal(pValue, pUpper);
    assert.equal(equivalent, true);
    assert.equal(method, 'exact');
    close(bounds.low, 0.95, 1e-12);
    close(bounds.high, 1 / 0.95, 1e-12);
    assert.equal(equivalence(x, y, { margin: 0.05, alpha: 0.04 }).equivalent, false);
  });

  it('holds exactly when the interval of confidence 1 - 2 alpha lies within the bounds', () => {
    const random = createRandom(3);
    let equivalents = 0;
    for (let repeat = 0; repeat < 300; repeat++) {
      const a = Array.from({ length: 9 }, () => Math.exp(0.05 * normal(random)));
      const b = Array.from({ length: 7 }, () => Math.exp(0.05 * normal(random)));
      const { equivalent, bounds, interval } = equivalence(a, b, { margin: 0.06 });
      assert.equal(equivalent, interval.low > bounds.low && interval.high < bounds.high);
      if (equivalent) equivalents++;
      close(interval.low, hodgesLehmannRatio(a, b, { confidence: 0.9 }).low, 1e-12);
    }
    assert.ok(equivalents > 30 && equivalents < 270, String(equivalents));
  });

  it('answers the same when the samples change places', () => {
    const sample = fc.array(fc.integer({ min: 900, max: 1100 }), { minLength: 3, maxLength: 12 });
    fc.assert(
      fc.property(sample, sample, fc.double({ min: 0.01, max: 0.3, noNaN: true }), (a, b, margin) => {
        const [there, back] = [equivalence(a, b, { margin }), equivalence(b, a, { margin })];
        close(there.pLower, back.pUpper, 1e-9);
        close(there.pUpper, back.pLower, 1e-9);
      }),
      { seed: 4, numRuns: 60 },
    );
  });

  it('calls a sample equivalent to one that lies on the margin no more often than alpha', () => {
    const random = createRandom(8);
    let wrong = 0;
    for (let repeat = 0; repeat < 2000; repeat++) {
      const a = Array.from({ length: 8 }, () => 10 + normal(random));
      const b = Array.from({ length: 8 }, () => 12 + normal(random));
      if (equivalence(a, b, { margin: 2, scale: 'difference' }).equivalent) wrong++;
    }
    assert.ok(wrong / 2000 < 0.06 && wrong / 2000 > 0.015, String(wrong));
  });

  it('says what so few values can show', () => {
    assert.equal(requiredForEquivalence(0.05), 4); // 1 / C(8, 4) = 0.0143; 1 / C(6, 3) = 0.05 is not below
    const few = equivalence([1, 2, 3], [1, 2, 3], { margin: 0.99, alpha: 0.05 });
    close(few.smallestPValue, 0.05, 1e-12);
    assert.equal(few.equivalent, false);
  });

  it('refuses a margin that is none, and values that have no ratio', () => {
    assert.throws(() => equivalence(x, y, { margin: 0 }), /margin/);
    assert.throws(() => equivalence(x, y, { margin: 1 }), /margin/);
    assert.throws(() => equivalence(x, y, { margin: Infinity, scale: 'difference' }), /margin/);
    assert.throws(() => equivalence([1, 0], y, { margin: 0.1 }), /x\[1\] is 0/);
    assert.throws(() => equivalence(x, [], { margin: 0.1 }), /y is empty/);
  });
});

describe('pairedEquivalence', () => {
  it('agrees with two one-sided signed-rank tests of SciPy', () => {
    const differences = x.map((value, i) => Math.log(value / (y[i] ?? NaN)));
    const { pLower, pUpper, equivalent, smallestPValue, interval } = pairedEquivalence(differences, {
      margin: 0.05,
    });
    close(pLower, 0.00390625, 1e-12);
    close(pUpper, 0.00390625, 1e-12);
    close(smallestPValue, 1 / 256, 1e-12);
    assert.equal(equivalent, true);
    assert.ok(interval.low > 0.98 && interval.high < 1.02);
    assert.equal(
      pairedEquivalence(
        differences.map((d) => d - 0.06),
        { margin: 0.05 },
      ).equivalent,
      false,
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { mannWhitneyU, smallestMannWhitneyPValue } from '../../src/stats/index.js';
import { close, countWins, mannWhitneyTails } from './brute-force.js';

const small = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 6 });
const spread = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 25 });
const range = (length: number, from = 0) => Array.from({ length }, (_, i) => from + i);

describe('mannWhitneyU, exact', () => {
  it('is what enumerating every split of the pooled values gives, ties included', () => {
    fc.assert(
      fc.property(small, small, (x, y) => {
        const brute = mannWhitneyTails(x, y);
        const result = mannWhitneyU(x, y);
        assert.equal(result.method, 'exact');
        assert.equal(result.u1, countWins(x, y));
        assert.equal(result.u2, countWins(y, x));
        close(mannWhitneyU(x, y, { alternative: 'less' }).pValue, brute.less, 1e-14);
        close(mannWhitneyU(x, y, { alternative: 'greater' }).pValue, brute.greater, 1e-14);
        close(result.pValue, Math.min(1, 2 * Math.min(brute.less, brute.greater)), 1e-14);
      }),
      { numRuns: 150, seed: 1 },
    );
  });

  it('gives the cumulative distribution of the table for 5 and 5 (Mann and Whitney 1947)', () => {
    // numbers of the 252 splits with U = 0 … 12: partitions into at most 5 parts of at most 5
    const ways = [1, 1, 2, 3, 5, 7, 9, 11, 14, 16, 18, 19, 20];
    let sum = 0;
    ways.forEach((count, u) => {
      sum += count;
      // x = 0 … 4 moved up so that U is u: whole steps past all five y, and a remainder on the next value
      const x = range(5).map((i) => i / 100 + Math.min(5, Math.max(0, u - 5 * (4 - i))));
      const y = range(5).map((j) => j + 0.5);
      const result = mannWhitneyU(x, y, { alternative: 'less' });
      assert.equal(result.u1, u);
      close(result.pValue, sum / 252, 1e-14);
    });
  });

  it('keeps its relative precision in the smallest tail: 2 / C(60, 30) for 30 against 30', () => {
    const ways = Number(range(30, 1).reduce((product, k) => (product * BigInt(30 + k)) / BigInt(k), 1n));
    const result = mannWhitneyU(range(30), range(30, 1000));
    assert.equal(result.method, 'exact');
    close(result.pValue, 2 / ways, 1e-12);
    close(smallestMannWhitneyPValue(30, 30), 2 / ways, 1e-12);
    close(mannWhitneyU([-1], range(59)).pValue, 2 / 60, 1e-14);
  });

  it('never exceeds 1, and is 1 where U is at its mean', () => {
    assert.equal(mannWhitneyU([1, 2, 3], [1.5, 2.5]).pValue, 1);
  });
});

describe('mannWhitneyU, asymptotic', () => {
  it('follows the closed form with tie and continuity correction', () => {
    // x = {1, 2, 2}, y = {2, 3}: U = 1, ties t = 3, N = 5, mean 3, sigma^2 = 6/12 (6 - 24/20) = 2.4
    const z = (1 - 3 + 0.5) / Math.sqrt(2.4);
    const result = mannWhitneyU([1, 2, 2], [2, 3], { method: 'asymptotic' });
    close(result.z ?? NaN, z, 1e-15);
    close(result.pValue, 0.3329216080655659, 1e-14); // erfc(0.968… / sqrt 2) to 30 digits
    close(
      mannWhitneyU([1, 2, 2], [2, 3], { method: 'asymptotic', continuity: false }).z ?? NaN,
      -2 / Math.sqrt(2.4),
      1e-15,
    );
  });

  it('takes over beyond 60 values in all, and comes near the exact p there', () => {
    const x = range(30).map((i) => (i * 37) % 61);
    const y = range(30).map((i) => ((i * 23) % 67) + 5);
    const exact = mannWhitneyU(x, y);
    assert.equal(exact.method, 'exact');
    assert.equal(mannWhitneyU([...x, 3], y).method, 'asymptotic');
    const asymptotic = mannWhitneyU(x, y, { method: 'asymptotic' });
    assert.ok(Math.abs(exact.pValue - asymptotic.pValue) < 0.005);
  });

  it('says that nothing can be learnt when all values are equal', () => {
    for (const method of ['exact', 'asymptotic'] as const) {
      const result = mannWhitneyU([4, 4, 4], [4, 4], { method });
      assert.equal(result.pValue, 1);
      assert.equal(result.allTied, true);
    }
  });
});

describe('mannWhitneyU, whatever the method', () => {
  const methods = ['exact', 'asymptotic'] as const;

  it('does not care which sample comes first, but for the direction', () => {
    fc.assert(
      fc.property(spread, spread, fc.constantFrom(...methods), (x, y, method) => {
        const there = mannWhitneyU(x, y, { method, alternative: 'less' });
        const back = mannWhitneyU(y, x, { method, alternative: 'greater' });
        close(there.pValue, back.pValue, 1e-12);
        assert.equal(there.u1, back.u2);
        close(mannWhitneyU(x, y, { method }).pValue, mannWhitneyU(y, x, { method }).pValue, 1e-12);
      }),
      { numRuns: 100, seed: 2 },
    );
  });

  it('does not change under an increasing transformation', () => {
    const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(values, values, fc.constantFrom(...methods), (x, y, method) => {
        const grow = (value: number) => value ** 3 + 5 * value - 7;
        assert.deepEqual(mannWhitneyU(x, y, { method }), mannWhitneyU(x.map(grow), y.map(grow), { method }));
      }),
      { numRuns: 100, seed: 3 },
    );
  });

  it('refuses what has no meaning, with the place', () => {
    assert.throws(() => mannWhitneyU([], [1]), { name: 'RangeError', message: 'x is empty' });
    assert.throws(() => mannWhitneyU([1], [1, NaN]), { name: 'RangeError', message: 'y[1] is NaN' });
    assert.throws(() => mannWhitneyU([1, 2, -Infinity], [1]), {
      name: 'RangeError',
      message: 'x[2] is -Infinity',
    });
    assert.throws(() => mannWhitneyU([1, '2'] as unknown as number[], [1]), {
      name: 'TypeError',
      message: 'x[1] is not a number',
    });
    assert.throws(
      () => mannWhitneyU([1], [2], { alternative: 'both' as 'less' }),
      /alternative must be one of/,
    );
    assert.throws(() => mannWhitneyU(range(300), range(300), { method: 'exact' }), /takes up to 400 values/);
  });

  it('leaves its arguments as they were', () => {
    const x = [3, 1, 2];
    const y = [9, 8];
    mannWhitneyU(x, y);
    assert.deepEqual(
      [x, y],
      [
        [3, 1, 2],
        [9, 8],
      ],
    );
  });
});

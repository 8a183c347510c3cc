import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { signTest, signTestDetectable } from '../../src/stats/index.js';

/** Binomial coefficients by Pascal's triangle: another way than the one under test. */
function tail(k: number, n: number, p: number): number {
  let row = [1];
  for (let i = 0; i < n; i++) row = [1, ...row.slice(1).map((value, j) => value + (row[j] ?? 0)), 1];
  return row.reduce((sum, c, i) => (i >= k ? sum + c * p ** i * (1 - p) ** (n - i) : sum), 0);
}

describe('signTest', () => {
  it('is the exact binomial test', () => {
    // R: binom.test(9, 10)$p.value, binom.test(5, 10)$p.value, binom.test(8, 8)$p.value
    const nine = signTest([1, 2, 3, 4, 5, 6, 7, 8, 9, -1], 0);
    assert.ok(Math.abs(nine.pValue - 0.021484375) < 1e-12);
    assert.equal(signTest([1, 1, 1, 1, 1, -1, -1, -1, -1, -1], 0).pValue, 1);
    assert.ok(Math.abs(signTest([1, 2, 3, 4, 5, 6, 7, 8], 0).pValue - 0.0078125) < 1e-12);
  });

  it('leaves ties out, and counts', () => {
    assert.deepEqual(signTest([3, 3, 4, 2], 3), {
      above: 1,
      below: 1,
      ties: 2,
      pValue: 1,
      smallestPValue: 0.5,
    });
    assert.deepEqual(signTest([3, 3], 3), { above: 0, below: 0, ties: 2, pValue: 1, smallestPValue: 1 });
  });

  it('agrees with the sum of the binomial, whichever way the values are turned', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 40 }), (values) => {
        const { above, below, pValue, smallestPValue } = signTest(values, 0);
        const n = above + below;
        assert.ok(Math.abs(pValue - Math.min(1, 2 * tail(Math.max(above, below), n, 0.5))) < 1e-12);
        assert.equal(
          signTest(
            values.map((value) => -value),
            0,
          ).pValue,
          pValue,
        );
        assert.ok(pValue >= smallestPValue * (1 - 1e-12));
      }),
    );
  });

  it('refuses what is no number', () => {
    assert.throws(() => signTest([], 0), /values is empty/);
    assert.throws(() => signTest([1, NaN], 0), /values\[1\]/);
    assert.throws(() => signTest([1], Infinity), /reference/);
  });
});

describe('signTestDetectable', () => {
  it('is the shift at which the test has the power', () => {
    // ten trials, alpha 0.05: significant from 9 of 10; P(B >= 9) = 0.8 at p = 0.9169..., whose normal quantile is 1.385...
    const shift = signTestDetectable({ deviation: 2, trials: 10, alpha: 0.05 });
    let low = 0.5;
    let high = 1;
    for (let i = 0; i < 60; i++) {
      const middle = (low + high) / 2;
      if (tail(9, 10, middle) < 0.8) low = middle;
      else high = middle;
    }
    assert.ok(Math.abs(low - 0.9169) < 1e-3, String(low));
    assert.ok(Math.abs(shift / 2 - 1.385) < 2e-3, String(shift));
  });

  it('is none where so many trials can show nothing', () => {
    assert.equal(signTestDetectable({ deviation: 1, trials: 5, alpha: 0.05 }), Infinity);
    assert.ok(Number.isFinite(signTestDetectable({ deviation: 1, trials: 6, alpha: 0.05 })));
    assert.throws(() => signTestDetectable({ deviation: -1, trials: 6, alpha: 0.05 }), /deviation/);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import {
  chiSquareSurvival,
  chiSquareTest,
  kolmogorovSmirnov,
  normalCdf,
  normalQuantile,
} from '../../src/stats/index.js';
import { close } from './brute-force.js';

describe('normalCdf', () => {
  it('agrees with values of erfc computed to 40 digits', () => {
    // erfc(-z / sqrt 2) / 2 in arbitrary precision
    for (const [z, p] of [
      [0, 0.5],
      [-1, 0.15865525393145705],
      [1, 0.8413447460685429],
      [-1.96, 0.024997895148220435],
      [-3, 0.0013498980316300946],
      [-6, 9.865876450376981e-10],
      [-10, 7.619853024160527e-24],
      [-37, 5.725571222524577e-300],
    ] as const) {
      close(normalCdf(z), p, 1e-13);
    }
  });

  it('is symmetric, rises, and ends at 0 and 1', () => {
    let last = 0;
    for (let z = -39; z <= 9; z += 0.01) {
      const p = normalCdf(z);
      assert.ok(p >= last);
      last = p;
      assert.ok(Math.abs(p + normalCdf(-z) - 1) < 1e-15);
    }
    assert.equal(normalCdf(-Infinity), 0);
    assert.equal(normalCdf(Infinity), 1);
    assert.ok(Number.isNaN(normalCdf(NaN)));
  });
});

describe('normalQuantile', () => {
  it('is the inverse of the distribution function, far into the tail', () => {
    for (let exponent = -300; exponent <= -1; exponent++) {
      const p = 3 * 10 ** exponent;
      close(normalCdf(normalQuantile(p)), p, 1e-11);
    }
    close(normalQuantile(0.975), 1.959963984540054, 1e-15);
    assert.equal(normalQuantile(0.5), 0);
  });

  it('refuses 0, 1 and what lies outside', () => {
    for (const p of [0, 1, -0.1, 2, NaN]) assert.throws(() => normalQuantile(p), RangeError);
  });
});

describe('chiSquareSurvival', () => {
  it('has the closed forms of 1, 2 and 4 degrees of freedom', () => {
    for (const x of [1e-6, 0.5, 1, 3, 10, 40, 200]) {
      close(chiSquareSurvival(x, 1), 2 * normalCdf(-Math.sqrt(x)), 1e-12);
      close(chiSquareSurvival(x, 2), Math.exp(-x / 2), 1e-12);
      close(chiSquareSurvival(x, 4), Math.exp(-x / 2) * (1 + x / 2), 1e-12);
    }
    assert.equal(chiSquareSurvival(0, 3), 1);
    assert.equal(chiSquareSurvival(1e-300, 3), 1);
  });

  it('is the Poisson sum at an even number of degrees of freedom, also a large one', () => {
    for (const [degreesOfFreedom, x] of [
      [10, 3],
      [1000, 944.8],
      [1000, 1130],
      [10_000, 10_250],
    ] as const) {
      let logTerm = -x / 2;
      let sum = Math.exp(logTerm);
      for (let k = 1; k < degreesOfFreedom / 2; k++) {
        logTerm += Math.log(x / 2 / k);
        sum += Math.exp(logTerm);
      }
      close(chiSquareSurvival(x, degreesOfFreedom), sum, 1e-9);
    }
  });
});

describe('chiSquareTest', () => {
  it('sums (observed - expected)^2 / expected', () => {
    const result = chiSquareTest([10, 20, 30], [20, 20, 20]);
    assert.equal(result.statistic, 10);
    assert.equal(result.degreesOfFreedom, 2);
    close(result.pValue, Math.exp(-5), 1e-14);
    assert.equal(result.smallestExpected, 20);
    assert.equal(chiSquareTest([10, 20, 30], [20, 20, 20], { fitted: 1 }).degreesOfFreedom, 1);
  });

  it('refuses cells that do not match, with the cell', () => {
    assert.throws(() => chiSquareTest([1, 2], [1, 2, 3]), /2 cells and expected has 3/);
    assert.throws(() => chiSquareTest([1, 2], [3, 0]), /expected\[1\] is not above 0/);
    assert.throws(() => chiSquareTest([-1, 4], [1, 2]), /observed\[0\] is negative/);
    assert.throws(() => chiSquareTest([1, 2], [2, 2]), /they must agree/);
    assert.throws(() => chiSquareTest([1, NaN], [2, 2]), { message: 'observed[1] is NaN' });
  });
});

describe('kolmogorovSmirnov', () => {
  const uniform = (x: number) => Math.min(1, Math.max(0, x));

  it('is the largest distance on either side of a step', () => {
    close(kolmogorovSmirnov([0.5], uniform), 0.5);
    close(kolmogorovSmirnov([0.1, 0.2, 0.9], uniform), 2 / 3 - 0.2, 1e-12);
  });

  it('takes atoms into account when told how much lies before them', () => {
    // a fair coin, 0 or 1
    const atMost = (x: number) => (x < 0 ? 0 : x < 1 ? 0.5 : 1);
    const before = (x: number) => (x <= 0 ? 0 : x <= 1 ? 0.5 : 1);
    close(kolmogorovSmirnov([0, 0, 1, 1], atMost, before), 0);
    close(kolmogorovSmirnov([0, 1, 1, 1], atMost, before), 0.25);
    close(kolmogorovSmirnov([1, 1], atMost, before), 0.5);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import {
  autocorrelationBound,
  autocorrelations,
  binomialInterval,
  effectiveSampleSize,
  lagCorrelation,
  ljungBox,
  mannKendall,
  normalQuantile,
  theilSenSlope,
} from '../../src/stats/index.js';
import { regularisedBeta, studentTwoSided } from '../../src/stats/beta.js';
import { createRandom } from '../../src/support/random.js';
import { close } from './brute-force.js';
import { nile } from './nile.js';

// whole numbers: cubes and sums of them are exact, and ties are frequent
const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 5, maxLength: 30 });

/** Share of `repeats` series of n independent normal values on which `test` says p < 0.05. */
function falseAlarms(n: number, repeats: number, test: (series: readonly number[]) => number): number {
  const random = createRandom(11);
  let alarms = 0;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const series = Array.from({ length: n }, () => normalQuantile(random.nextDouble() * 0.999998 + 1e-6));
    if (test(series) < 0.05) alarms++;
  }
  return alarms / repeats;
}

/** All orders of 0 … n - 1. */
function orders(n: number): number[][] {
  if (n === 0) return [[]];
  return orders(n - 1).flatMap((order) =>
    Array.from({ length: n }, (_, place) => [...order.slice(0, place), n - 1, ...order.slice(place)]),
  );
}

describe('autocorrelations and the Ljung-Box test', () => {
  it('agree with NumPy and SciPy on the flow of the Nile', () => {
    const [first, second, third] = autocorrelations(nile, 3);
    close(first ?? NaN, 0.49840818413302895, 1e-12);
    close(second ?? NaN, 0.38457690390487226, 1e-12);
    close(third ?? NaN, 0.3278604375225461, 1e-12);
    const { statistic, degreesOfFreedom, pValue } = ljungBox(nile, { lags: 10 });
    close(statistic, 88.12687155129981, 1e-10);
    assert.equal(degreesOfFreedom, 10);
    close(pValue, 1.2586327670205875e-14, 1e-9);
    assert.equal(ljungBox(nile, { lags: 10, fitted: 2 }).degreesOfFreedom, 8);
  });

  it('do not depend on level and scale', () => {
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 1000 }), (series, scale) => {
        const moved = series.map((value) => 1e5 + value * scale);
        autocorrelations(moved, 2).forEach((r, index) => {
          const other = autocorrelations(series, 2)[index] ?? NaN;
          assert.ok(Math.abs(r - other) < 1e-9, `${String(r)} and ${String(other)}`);
          assert.ok(Math.abs(r) <= 1);
        });
      }),
      { seed: 1 },
    );
  });

  it('find nothing in a constant series, whatever its rounding', () => {
    assert.deepEqual(autocorrelations(new Array<number>(7).fill(0.1), 2), [0, 0]);
    assert.equal(ljungBox(new Array<number>(20).fill(1e9 + 0.1)).pValue, 1);
    assert.equal(lagCorrelation([5, 5, 5, 5]).pValue, 1);
  });

  it('find an alternating and a smooth series', () => {
    const alternating = Array.from({ length: 40 }, (_, t) => (t % 2 === 0 ? 1 : -1));
    assert.ok((autocorrelations(alternating, 1)[0] ?? 0) < -0.9);
    assert.ok(ljungBox(alternating).pValue < 1e-6);
    assert.ok(ljungBox(Array.from({ length: 40 }, (_, t) => Math.sin(t / 6))).pValue < 1e-6);
  });

  it('raise about as many false alarms as they say', () => {
    const ljung = falseAlarms(50, 2000, (series) => ljungBox(series, { lags: 5 }).pValue);
    assert.ok(ljung > 0.03 && ljung < 0.07, String(ljung));
    const bound = autocorrelationBound(50);
    close(bound, 1.959963984540054 / Math.sqrt(50), 1e-12);
    const beyond = falseAlarms(50, 2000, (series) =>
      Math.abs(autocorrelations(series, 1)[0] ?? 0) > bound ? 0 : 1,
    );
    assert.ok(beyond > 0.02 && beyond < 0.07, String(beyond));
  });

  it('tell how few independent values a smooth series is worth', () => {
    const r = 0.49840818413302895;
    close(effectiveSampleSize(nile), (100 * (1 - r)) / (1 + r), 1e-10);
    assert.equal(effectiveSampleSize([1, -1, 1, -1, 1, -1]), 6);
  });

  it('refuse too few values, a broken lag and what is no number', () => {
    assert.throws(() => autocorrelations([1, 2], 1), /at least 3/);
    assert.throws(() => autocorrelations([1, 2, 3], 0), /maxLag/);
    assert.throws(() => ljungBox([1, 2, NaN, 3]), /values\[2\] is NaN/);
    assert.throws(() => ljungBox([1, 2, 3, 4], { lags: 1, fitted: 1 }), /no degree of freedom/);
  });
});

describe('lagCorrelation', () => {
  it('agrees with SciPy on the flow of the Nile', () => {
    const first = lagCorrelation(nile);
    close(first.coefficient, 0.43661610304672926, 1e-12);
    close(first.pValue, 6.242945604773347e-6, 1e-9);
    const third = lagCorrelation(nile, 3);
    close(third.coefficient, 0.3284004603275944, 1e-12);
    close(third.pValue, 0.0010233720991830808, 1e-9);
  });

  it('sees only the order of the values', () => {
    fc.assert(
      fc.property(values, (series) => {
        const cubes = series.map((value) => value ** 3);
        assert.equal(lagCorrelation(cubes).coefficient, lagCorrelation(series).coefficient);
      }),
      { seed: 2 },
    );
    assert.equal(lagCorrelation([1, 2, 3, 4, 500]).coefficient, 1);
    assert.throws(() => lagCorrelation([1, 2, 3]), /at least 4/);
  });
});

describe('mannKendall and theilSenSlope', () => {
  it('agree with SciPy on the flow of the Nile, ties included', () => {
    const { s, z, pValue, method } = mannKendall(nile);
    assert.equal(s, -1387);
    assert.equal(method, 'asymptotic');
    close(z ?? NaN, -4.128066522844101, 1e-10);
    close(pValue, 3.658262921664327e-5, 1e-9);
    close(theilSenSlope(nile), -2.6, 1e-12);
  });

  it('is exact on a short series, as SciPy kendalltau is', () => {
    const { tau, pValue, method } = mannKendall([3.1, 2.4, 5.5, 4.2, 6.0, 7.7, 5.9, 8.3]);
    assert.equal(method, 'exact');
    close(tau, 0.7142857142857142, 1e-12);
    close(pValue, 0.014136904761904762, 1e-12);
  });

  it('gives the probability that complete enumeration gives', () => {
    const all = orders(5);
    assert.equal(all.length, 120);
    const s = (order: readonly number[]) => mannKendall(order).s;
    for (const order of all.slice(0, 40)) {
      const rising = all.filter((other) => s(other) >= s(order)).length / 120;
      close(mannKendall(order, { alternative: 'greater' }).pValue, rising, 1e-12);
    }
  });

  it('turns round when the series does', () => {
    fc.assert(
      fc.property(values, (series) => {
        const back = [...series].reverse();
        assert.equal(mannKendall(back).s + mannKendall(series).s, 0);
        close(
          mannKendall(back, { alternative: 'less' }).pValue,
          mannKendall(series, { alternative: 'greater' }).pValue,
          1e-9,
        );
        assert.equal(theilSenSlope(back) + theilSenSlope(series), 0);
      }),
      { seed: 3 },
    );
  });

  it('raises about as many false alarms as it says, beyond the exact sizes too', () => {
    const alarms = falseAlarms(80, 2000, (series) => mannKendall(series).pValue);
    assert.ok(alarms > 0.035 && alarms < 0.065, String(alarms));
  });

  it('finds no trend in a constant series, and refuses what it cannot take', () => {
    assert.equal(mannKendall([2, 2, 2, 2]).pValue, 1);
    assert.equal(theilSenSlope([2, 2, 2]), 0);
    assert.throws(() => mannKendall([1, 2]), /at least 3/);
    assert.throws(() => theilSenSlope(new Float64Array(4001)), /at most 4000/);
  });
});

describe('the incomplete beta function and what is made of it', () => {
  it('agrees with SciPy', () => {
    close(regularisedBeta(0.3, 2, 3), 0.34829999999999994, 1e-12);
    close(regularisedBeta(0.9, 50, 4.5), 0.28274382520488683, 1e-11);
    close(regularisedBeta(0.01, 0.5, 0.5), 0.06376856085851985, 1e-12);
    close(regularisedBeta(0.5, 1000, 1010), 0.588269827543728, 1e-10);
    close(studentTwoSided(2, 10), 0.07338803477074037, 1e-11);
    close(studentTwoSided(0.5, 3), 0.651447964848151, 1e-11);
    close(studentTwoSided(-12, 4.5), 0.00013783197653273045, 1e-10);
    assert.throws(() => regularisedBeta(1.1, 1, 1), RangeError);
    assert.throws(() => regularisedBeta(0.5, 0, 1), /a must be above 0/);
  });

  it('bounds a proportion as SciPy does', () => {
    const cases: readonly [number, number, number, number][] = [
      [0, 10, 0, 0.30849710781876294],
      [3, 20, 0.03207093718544477, 0.37892682654529564],
      [500, 10000, 0.045809942198770603, 0.054454527028358866],
      [20, 20, 0.8315665290169145, 1],
    ];
    for (const [successes, trials, low, high] of cases) {
      const interval = binomialInterval(successes, trials);
      close(interval.low, low, 1e-9);
      close(interval.high, high, 1e-9);
      assert.equal(interval.estimate, successes / trials);
    }
    assert.throws(() => binomialInterval(3, 2), /exceed/);
  });
});

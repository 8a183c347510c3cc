import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import {
  mannWhitneyPower,
  mannWhitneyU,
  minimumDetectableEffect,
  minimumDetectablePairedEffect,
  requiredPerSample,
  signedRankPower,
  wilcoxonSignedRank,
} from '../../src/stats/index.js';
import { createRandom } from '../../src/support/random.js';
import { normal } from '../analysis/fixtures.js';
import { close } from './brute-force.js';

/** Detectable shifts at 80 % power in deviations, by simulation of the exact two-sided test, as tables give them. */
const simulated: Readonly<Record<number, readonly (readonly [number, number])[]>> = {
  0.05: [
    [5, 2.3],
    [7, 1.78],
    [10, 1.39],
    [15, 1.1],
    [20, 0.93],
    [30, 0.75],
    [40, 0.65],
  ],
  0.001: [
    [10, 2.31],
    [20, 1.43],
    [30, 1.15],
  ],
};

describe('minimumDetectablePairedEffect', () => {
  it('is found as often as promised, by simulation of the exact test', () => {
    for (const [pairs, alpha] of [
      [8, 0.025],
      [14, 0.025],
      [20, 0.0025],
    ] as const) {
      const shift = minimumDetectablePairedEffect({ deviation: 1, pairs, alpha });
      const random = createRandom(pairs);
      let found = 0;
      const repeats = 4000;
      for (let repeat = 0; repeat < repeats; repeat++) {
        const differences = Array.from({ length: pairs }, () => shift + normal(random));
        if (wilcoxonSignedRank(differences, { alternative: 'greater' }).pValue < alpha) found++;
      }
      // three standard errors of the simulation are 0.02; few pairs promise a little less than they keep
      assert.ok(
        found / repeats > 0.78 && found / repeats < 0.86,
        `${String(pairs)}: ${String(found / repeats)}`,
      );
    }
  });

  it('has nothing to find where no data can reach alpha', () => {
    assert.equal(minimumDetectablePairedEffect({ deviation: 1, pairs: 5, alpha: 0.025 }), Infinity);
    assert.equal(signedRankPower({ shift: 9, deviation: 1, pairs: 5, alpha: 0.025 }), 0);
    assert.ok(signedRankPower({ shift: 9, deviation: 1, pairs: 6, alpha: 0.025 }) > 0.99);
    assert.throws(() => minimumDetectablePairedEffect({ deviation: 1, pairs: 0, alpha: 0.025 }), /pairs/);
    const shift = minimumDetectablePairedEffect({ deviation: 2, pairs: 100, alpha: 0.025 });
    close(signedRankPower({ shift, deviation: 2, pairs: 100, alpha: 0.025 }), 0.8, 1e-9);
    // (1.959964 + 0.841621) * 2 * sqrt(pi / 3 / 100)
    close(shift, 2.801585 * 2 * Math.sqrt(Math.PI / 300), 0.03);
  });
});

describe('minimumDetectableEffect', () => {
  it('promises what simulation keeps: never less than is needed, and at most 5 % more', () => {
    for (const [alpha, rows] of Object.entries(simulated)) {
      for (const [perSample, shift] of rows) {
        const effect = minimumDetectableEffect({ deviation: 1, perSample, alpha: Number(alpha) / 2 });
        assert.ok(effect > 0.995 * shift && effect < 1.05 * shift, `${String(perSample)}: ${String(effect)}`);
      }
    }
  });

  it('nears Noether’s formula where samples are large', () => {
    const effect = minimumDetectableEffect({ deviation: 2, perSample: 5000, alpha: 0.025 });
    // (1.959964 + 0.841621) * 2 * sqrt(2 / 5000 * pi / 3)
    close(effect, 2.801585 * 2 * Math.sqrt((2 / 5000) * (Math.PI / 3)), 0.002);
  });

  it('is infinite where no data can reach alpha', () => {
    assert.equal(minimumDetectableEffect({ deviation: 1, perSample: 3, alpha: 0.025 }), Infinity);
    assert.ok(minimumDetectableEffect({ deviation: 1, perSample: 4, alpha: 0.025 }) < 5);
    assert.equal(mannWhitneyPower({ shift: 9, deviation: 1, sizes: [3, 3], alpha: 0.025 }), 0);
    assert.equal(minimumDetectableEffect({ deviation: 0, perSample: 4, alpha: 0.025 }), 0);
  });

  it('is where the power is reached, and scales with the deviation', () => {
    const size = fc.integer({ min: 5, max: 60 });
    const alpha = fc.constantFrom(0.05, 0.025, 0.005);
    fc.assert(
      fc.property(
        size,
        size,
        alpha,
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (m, n, level, deviation) => {
          const shift = minimumDetectableEffect({ deviation, perSample: [m, n], alpha: level });
          close(mannWhitneyPower({ shift, deviation, sizes: [m, n], alpha: level }), 0.8, 1e-6);
          close(
            shift,
            deviation * minimumDetectableEffect({ deviation: 1, perSample: [n, m], alpha: level }),
            1e-9,
          );
        },
      ),
      { seed: 1, numRuns: 30 },
    );
  });

  it('refuses impossible options', () => {
    const design = { deviation: 1, perSample: 5, alpha: 0.05 };
    assert.throws(() => minimumDetectableEffect({ ...design, deviation: -1 }), /deviation/);
    assert.throws(() => minimumDetectableEffect({ ...design, perSample: 0 }), /perSample/);
    assert.throws(() => minimumDetectableEffect({ ...design, alpha: 0 }), /alpha/);
    assert.throws(() => minimumDetectableEffect({ ...design, power: 1 }), /power/);
    assert.throws(() => requiredPerSample({ deviation: 1, effect: 0, alpha: 0.05 }), /effect/);
  });
});

describe('mannWhitneyPower', () => {
  it('agrees with the test itself on simulated samples', () => {
    const random = createRandom(5);
    for (const [sizes, shift] of [
      [[6, 6], 1.5],
      [[12, 8], 1],
      [[40, 40], 0.5],
    ] as const) {
      let found = 0;
      for (let repeat = 0; repeat < 1500; repeat++) {
        const x = Array.from({ length: sizes[0] }, () => shift + normal(random));
        const y = Array.from({ length: sizes[1] }, () => normal(random));
        if (mannWhitneyU(x, y, { alternative: 'greater' }).pValue < 0.05) found++;
      }
      const power = mannWhitneyPower({ shift, deviation: 1, sizes, alpha: 0.05 });
      const beyond = found / 1500 - power;
      assert.ok(beyond > -0.025 && beyond < 0.06, `${String(power)} and ${String(found / 1500)}`);
    }
  });

  it('is about the level without a shift, and 1 for a large one', () => {
    const design = { deviation: 1, sizes: [100, 100] as const, alpha: 0.05 };
    close(mannWhitneyPower({ ...design, shift: 0 }), 0.05, 0.02);
    close(mannWhitneyPower({ ...design, shift: 8 }), 1, 1e-9);
  });
});

describe('requiredPerSample', () => {
  it('inverts the detectable effect', () => {
    for (const perSample of [6, 20, 45, 300]) {
      const effect = minimumDetectableEffect({ deviation: 0.04, perSample, alpha: 0.025 });
      const required = requiredPerSample({ deviation: 0.04, effect: effect * 1.0001, alpha: 0.025 });
      assert.ok(
        required <= perSample && required >= perSample - 2,
        `${String(perSample)}: ${String(required)}`,
      );
    }
    assert.equal(requiredPerSample({ deviation: 1, effect: 1e-9, alpha: 0.025 }), Infinity);
    assert.equal(requiredPerSample({ deviation: 0, effect: 1, alpha: 0.025 }), 4);
  });
});

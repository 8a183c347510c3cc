import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { changePoints } from '../../src/stats/index.js';
import { createRandom } from '../../src/support/random.js';
import { normal } from '../analysis/fixtures.js';
import { nile } from './nile.js';

/** Seeded normal values around the levels given, `length` of each. */
function steps(levels: readonly number[], length: number, seed: number, deviation = 1): number[] {
  const random = createRandom(seed);
  return levels.flatMap((level) => Array.from({ length }, () => level + deviation * normal(random)));
}

/** Energy distance of the first tau values from those up to kappa, as Matteson and James write it. */
function energy(values: readonly number[], tau: number, kappa: number): number {
  const [left, right] = [values.slice(0, tau), values.slice(tau, kappa)];
  const [n, m] = [left.length, right.length];
  const sum = (a: readonly number[], b: readonly number[]) =>
    a.reduce((all, p) => all + b.reduce((row, q) => row + Math.abs(p - q), 0), 0);
  const within = (a: readonly number[]) => sum(a, a) / 2 / ((a.length * (a.length - 1)) / 2);
  return ((n * m) / (n + m)) * ((2 / (n * m)) * sum(left, right) - within(left) - within(right));
}

describe('changePoints', () => {
  it('finds the fall of the Nile after 1898, and nothing else', () => {
    const found = changePoints(nile);
    assert.deepEqual(
      found.map(({ index }) => 1871 + index),
      [1899],
    );
    const [change] = found;
    assert.equal(change?.pValue, 0.001);
    assert.ok(change.low <= 28 && change.low >= 20 && change.high >= 28 && change.high <= 36);
    assert.ok(change.shift.high < -150 && change.shift.low > -350);
  });

  it('cuts where the energy distance, written out, is largest', () => {
    for (const seed of [1, 2, 3, 4]) {
      const values = steps([0, 4], 9, seed);
      let best = { q: 0, tau: 0 };
      for (let tau = 3; tau <= values.length - 3; tau++) {
        for (let kappa = tau + 3; kappa <= values.length; kappa++) {
          const q = energy(values, tau, kappa);
          if (q > best.q) best = { q, tau };
        }
      }
      const found = changePoints(values, { minimumSegment: 3, alpha: 0.05 });
      assert.ok(found.some(({ index }) => index === best.tau));
    }
  });

  it('finds several changes, also where the level comes back', () => {
    const found = changePoints(steps([10, 15, 10, 30], 20, 7));
    assert.deepEqual(
      found.map(({ index }) => Math.round(index / 20)),
      [1, 2, 3],
    );
    for (const { index, low, high, shift } of found) {
      assert.ok(low <= index && index <= high);
      assert.ok(high - low < 10);
      assert.equal(shift.low > 0, index < 30 || index > 50);
    }
  });

  it('finds a change of spread alone', () => {
    const values = [...steps([0], 40, 3, 0.2), ...steps([0], 40, 4, 5)];
    const [change] = changePoints(values);
    assert.ok(change !== undefined && Math.abs(change.index - 40) <= 4);
  });

  it('finds a change in series without one no more often than alpha', () => {
    let alarms = 0;
    for (let seed = 0; seed < 400; seed++) {
      if (changePoints(steps([0], 20, seed), { alpha: 0.05, permutations: 99, seed }).length > 0) alarms++;
    }
    assert.ok(alarms / 400 < 0.075 && alarms / 400 > 0.02, String(alarms));
  });

  it('is the same for the same seed, and finds nothing where there is nothing', () => {
    assert.deepEqual(changePoints(nile, { seed: 9 }), changePoints(nile, { seed: 9 }));
    assert.deepEqual(changePoints(new Array<number>(30).fill(7)), []);
    assert.deepEqual(changePoints([1, 1, 9, 9], { minimumSegment: 3 }), []);
    assert.deepEqual(changePoints([5]), []);
  });

  it('refuses what it cannot take', () => {
    assert.throws(() => changePoints([]), /empty/);
    assert.throws(() => changePoints([1, NaN]), /values\[1\]/);
    assert.throws(() => changePoints(new Float64Array(2001)), /at most 2000/);
    assert.throws(() => changePoints([1, 2], { permutations: 9, alpha: 0.05 }), /cannot give a p of 0.05/);
    assert.throws(() => changePoints([1, 2], { minimumSegment: 1 }), /minimumSegment/);
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom } from '../../src/support/random.js';
import { createBernoulli } from '../../src/workloads/distributions/bernoulli.js';
import { identity, permute } from '../../src/workloads/distributions/permutation.js';
import { createUniform } from '../../src/workloads/distributions/uniform.js';
import { chiSquarePValue } from './goodness-of-fit.js';

describe('permutation', () => {
  /** Draws of orders of four elements; each of the 24 gets a number when it is first seen. */
  const orders = (draws: number, shuffle: (order: Uint32Array) => Uint32Array): number[] => {
    const codes = new Map<string, number>();
    return Array.from({ length: draws }, () => {
      const order = shuffle(identity(4)).join('');
      const code = codes.get(order) ?? codes.size;
      codes.set(order, code);
      return code;
    });
  };
  const uniform = new Float64Array(24).fill(1 / 24);

  it('has every order equally often', () => {
    const random = createRandom(1);
    assert.ok(
      chiSquarePValue(
        orders(24_000, (order) => permute(order, random)),
        uniform,
      ) > 0.001,
    );
  });

  it('is told from a shuffle that swaps with any place', () => {
    const random = createRandom(1);
    const naive = (order: Uint32Array): Uint32Array => {
      for (let place = 0; place < order.length; place++) {
        const other = Math.floor(random.nextDouble() * order.length);
        [order[place], order[other]] = [order[other] ?? NaN, order[place] ?? NaN];
      }
      return order;
    };
    assert.ok(chiSquarePValue(orders(24_000, naive), uniform) < 1e-9);
  });

  it('keeps every element, at any size', () => {
    for (const size of [0, 1, 2, 1_000]) {
      assert.deepEqual(permute(identity(size), createRandom(2)).sort(), identity(size));
    }
  });
});

describe('uniform integers', () => {
  for (const bound of [1, 2, 7, 1_000]) {
    it(`are uniform below ${String(bound)}`, () => {
      const next = createUniform(bound, createRandom(bound));
      const draws = Array.from({ length: 50_000 }, next);
      if (bound === 1) assert.ok(draws.every((draw) => draw === 0));
      else assert.ok(chiSquarePValue(draws, new Float64Array(bound).fill(1 / bound)) > 0.001);
    });
  }

  it('have no modulo bias', () => {
    // 3·2^30 does not divide 2^32: without rejection the lowest third would come up half of the time.
    const next = createUniform(3 * 2 ** 30, createRandom(4));
    const thirds = Array.from({ length: 30_000 }, () => Math.floor(next() / 2 ** 30));
    assert.ok(chiSquarePValue(thirds, [1 / 3, 1 / 3, 1 / 3]) > 0.001);
  });

  it('reach the whole range, and refuse what is none', () => {
    const next = createUniform(2 ** 32, createRandom(6));
    assert.ok(Math.max(...Array.from({ length: 1_000 }, next)) > 2 ** 31);
    for (const bound of [0, -1, 1.5, NaN, 2 ** 32 + 1]) {
      assert.throws(() => createUniform(bound, createRandom(1)), RangeError);
    }
  });
});

describe('coin', () => {
  it('falls as often as asked for; never at 0 and always at 1', () => {
    for (const probability of [0, 0.001, 0.3, 0.9, 1]) {
      const toss = createBernoulli(probability, createRandom(8));
      const draws = Array.from({ length: 100_000 }, () => (toss() ? 1 : 0));
      if (probability === 0 || probability === 1) assert.ok(draws.every((draw) => draw === probability));
      else assert.ok(chiSquarePValue(draws, [1 - probability, probability]) > 0.001);
    }
    for (const probability of [-0.1, 1.1, NaN]) {
      assert.throws(() => createBernoulli(probability, createRandom(1)), RangeError);
    }
  });
});

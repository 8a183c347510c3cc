import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRandom, type RandomSource } from '../../src/support/random.js';
import { createZipf } from '../../src/workloads/distributions/zipf.js';
import { chiSquarePValue, ksCriticalValue, ksDistance, zipfProbabilities } from './goodness-of-fit.js';
import { createGrayZipf } from './gray-zipf.js';

const DRAWS = 200_000;
const RANKS = 1_000;
type Create = (ranks: number, exponent: number, random: RandomSource) => () => number;

function fit(create: Create, ranks: number, exponent: number, seed: number): { p: number; distance: number } {
  const next = create(ranks, exponent, createRandom(seed));
  const draws = Array.from({ length: DRAWS }, next);
  const probabilities = zipfProbabilities(ranks, exponent);
  return { p: chiSquarePValue(draws, probabilities), distance: ksDistance(draws, probabilities) };
}

describe('Zipf sampler', () => {
  for (const exponent of [0.5, 0.99, 1, 1.2]) {
    for (const seed of [1, 2, 3]) {
      it(`fits Zipf's law: exponent ${String(exponent)}, ${String(RANKS)} ranks, seed ${String(seed)}`, () => {
        const { p, distance } = fit(createZipf, RANKS, exponent, seed);
        assert.ok(p > 0.001 && p < 0.999, `chi-square p = ${String(p)}`);
        assert.ok(distance < ksCriticalValue(DRAWS), `KS distance ${String(distance)}`);
      });
    }
  }

  // Beyond the tables, near exponent 1 where log1p takes over, and at the ends of the range.
  for (const [ranks, exponent] of [
    [100_000, 0.99],
    [100_000, 0.5],
    [20_000, 1],
    [20_000, 1.0001],
    [20_000, 1 - 1e-9],
    [10_000, 0.01],
    [5_000, 10],
    [4_096, 0.8],
    [4_097, 0.8],
    [2, 1.5],
  ] as const) {
    it(`fits Zipf's law: exponent ${String(exponent)}, ${String(ranks)} ranks`, () => {
      const { p, distance } = fit(createZipf, ranks, exponent, 7);
      assert.ok(p > 0.001 && p < 0.999, `chi-square p = ${String(p)}`);
      assert.ok(distance < ksCriticalValue(DRAWS), `KS distance ${String(distance)}`);
    });
  }

  it('is told from the generator of Gray et al. by the same test', () => {
    const { p, distance } = fit(createGrayZipf, RANKS, 0.99, 1);
    assert.ok(p < 1e-9, `chi-square p = ${String(p)}`);
    assert.ok(distance > ksCriticalValue(DRAWS), `KS distance ${String(distance)}`);
  });

  it('is told from an exponent that is off by 0.02', () => {
    const off: Create = (ranks, exponent, random) => createZipf(ranks, exponent + 0.02, random);
    assert.ok(fit(off, RANKS, 0.99, 1).p < 1e-6);
  });

  it('stays in range at extreme sizes and exponents', () => {
    for (const ranks of [1, 2, 4_096, 4_097, 2 ** 32]) {
      for (const exponent of [1e-9, 0.5, 1, 1 + 1e-15, 3, 40, 1e6]) {
        const next = createZipf(ranks, exponent, createRandom(5));
        for (let draw = 0; draw < 300; draw++) {
          const rank = next();
          assert.ok(
            Number.isInteger(rank) && rank >= 0 && rank < ranks,
            `${String(rank)} of ${String(ranks)}`,
          );
        }
      }
    }
  });

  it('refuses what is no distribution', () => {
    const random = createRandom(1);
    for (const ranks of [0, -1, 1.5, NaN, 2 ** 32 + 1]) {
      assert.throws(() => createZipf(ranks, 1, random), RangeError);
    }
    for (const exponent of [0, -1, NaN, Infinity]) {
      assert.throws(() => createZipf(10, exponent, random), RangeError);
    }
  });
});

import type { RandomSource } from '../../support/random.js';

const TWO_POW_32 = 4294967296;

/**
 * A sampler of uniform integers in [0, bound), without modulo bias: like `RandomSource.nextBelow`, with the rejection limit
 * computed once.
 *
 * @param bound an integer in [1, 2^32]
 * @param random consumed by the returned function; not thread-safe
 * @throws RangeError when bound is outside
 */
export function createUniform(bound: number, random: RandomSource): () => number {
  if (!Number.isInteger(bound) || bound < 1 || bound > TWO_POW_32) {
    throw new RangeError(`bound must be an integer in [1, 2^32], not ${String(bound)}`);
  }
  const limit = TWO_POW_32 - (TWO_POW_32 % bound);
  return () => {
    let draw = random.nextUint32();
    while (draw >= limit) draw = random.nextUint32();
    return draw % bound;
  };
}

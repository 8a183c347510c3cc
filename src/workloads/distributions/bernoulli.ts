import type { RandomSource } from '../../support/random.js';

/**
 * A biased coin: the returned function gives true with the given probability (to 2^−32; 0 never, 1 always).
 *
 * @param probability in [0, 1]
 * @param random consumed by the returned function, one draw a toss; not thread-safe
 * @throws RangeError when probability is outside
 */
export function createBernoulli(probability: number, random: RandomSource): () => boolean {
  if (!(probability >= 0 && probability <= 1)) {
    throw new RangeError(`a probability must lie in [0, 1], not ${String(probability)}`);
  }
  const threshold = probability * 4294967296;
  return () => random.nextUint32() < threshold;
}

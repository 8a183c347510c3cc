/**
 * Seeded random numbers. Everything random in this tool (streams, the order of trials, bootstrap) comes from here, so that a
 * seed printed in a result file reproduces it.
 */

/** A source of uniform random numbers. Not thread-safe: one instance belongs to one caller. */
export interface RandomSource {
  /** A uniform integer in [0, 2^32). */
  nextUint32(): number;
  /** A uniform double in [0, 1) with 53 random bits. */
  nextDouble(): number;
  /** A uniform integer in [0, bound), without modulo bias. `bound` is an integer in [1, 2^32]. */
  nextBelow(bound: number): number;
}

const TWO_POW_32 = 4294967296;

/** One step of splitmix32-style state expansion; `state` is advanced by the golden-ratio increment and mixed. */
function mix32(state: number): number {
  let z = state | 0;
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
  return (z ^ (z >>> 15)) >>> 0;
}

/**
 * xoshiro128** 1.1 (Blackman and Vigna, "Scrambled linear pseudorandom number generators", ACM TOMS 2021): 128 bits of
 * state, period 2^128 - 1. The state is expanded from (seed, stream) by a 32-bit mixer, so that streams of one seed are
 * unrelated.
 *
 * @param seed any unsigned 32-bit integer
 * @param stream distinguishes independent sources under one seed; any unsigned 32-bit integer
 */
export function createRandom(seed: number, stream = 0): RandomSource {
  let expand = mix32((seed >>> 0) ^ mix32((stream >>> 0) + 0x9e3779b9));
  const nextState = (): number => {
    expand = (expand + 0x9e3779b9) >>> 0;
    return mix32(expand);
  };
  let s0 = nextState();
  let s1 = nextState();
  let s2 = nextState();
  let s3 = nextState() | 1; // the all-zero state is the one that xoshiro cannot leave

  const nextUint32 = (): number => {
    const scaled = Math.imul(s1, 5);
    const result = Math.imul((scaled << 7) | (scaled >>> 25), 9) >>> 0;
    const t = s1 << 9;
    s2 ^= s0;
    s3 ^= s1;
    s1 ^= s2;
    s0 ^= s3;
    s2 ^= t;
    s3 = (s3 << 11) | (s3 >>> 21);
    return result;
  };

  return {
    nextUint32,
    nextDouble: () => ((nextUint32() >>> 5) * 67108864 + (nextUint32() >>> 6)) / 9007199254740992,
    nextBelow: (bound) => {
      // Lemire's multiply-and-reject needs 64-bit products; rejection on the top of the range is as exact and simpler here.
      const limit = TWO_POW_32 - (TWO_POW_32 % bound);
      let draw = nextUint32();
      while (draw >= limit) draw = nextUint32();
      return draw % bound;
    },
  };
}

/** Shuffles `items` in place, uniformly (Fisher and Yates; Durstenfeld's form), and returns it. */
export function shuffle<T>(items: T[], random: RandomSource): T[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = random.nextBelow(last + 1);
    const kept = items[last] as T;
    items[last] = items[other] as T;
    items[other] = kept;
  }
  return items;
}

import { createRandom, type RandomSource } from '../support/random.js';

/** What a generator draws from one seed, each from a source of its own: more of one never shifts the others. */
const STREAMS = { keys: 1, kinds: 2, order: 3, times: 4, writes: 5 } as const;

/** @param seed any unsigned 32-bit integer */
export function randomFor(seed: number, purpose: keyof typeof STREAMS): RandomSource {
  return createRandom(seed, STREAMS[purpose]);
}

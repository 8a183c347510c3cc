import { createRandom, shuffle } from '../support/random.js';

/** Keeps the coin flips of the schedule apart from other uses of the same seed. */
const SCHEDULE_STREAM = 0x5c4ed000;

/**
 * The order of the trials of one case: blocks that are each a random order of the contenders followed by its mirror image
 * (A B B A for two). Whatever drifts linearly within a block, such as heat or a neighbour's load, then weighs equally on
 * every contender: the ABBA design of paired comparisons (Cox, "Planning of Experiments", 1958, ch. 14).
 *
 * @param contenders ids, without repeats
 * @param blocks number of blocks, 1 and up; every contender gets two trials a block
 * @param seed of the run
 * @param caseIndex place of the case in the plan: each has an order of its own
 */
export function scheduleBlocks(
  contenders: readonly string[],
  blocks: number,
  seed: number,
  caseIndex: number,
): string[][] {
  const random = createRandom(seed, SCHEDULE_STREAM + caseIndex);
  return Array.from({ length: blocks }, () => {
    const order = shuffle([...contenders], random);
    return [...order, ...order.toReversed()];
  });
}

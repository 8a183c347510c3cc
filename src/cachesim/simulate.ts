import { uint32At } from '../support/typed-array.js';
import type { AccessLog } from './access-log.js';
import type { BlockStore } from './block-store.js';
import { minHits, nextUses } from './min.js';
import { onlinePolicies, type OnlineCache, type PolicyName } from './policies.js';

/** Hits of one policy at one size. */
export interface SimulatedCache {
  readonly policy: PolicyName;
  readonly slots: number;
  readonly hits: number;
}

/**
 * Replays a log through caches of equal slots that are empty at first: an access to a key that is not cached is a miss and
 * takes the key in.
 *
 * @param keys number of different keys in the log
 * @param sizes slots, 0 and up
 * @param onResult told of each result as it comes
 * @returns policy by policy, sizes in the given order
 */
export function simulateCaches(
  log: AccessLog,
  keys: number,
  policies: readonly PolicyName[],
  sizes: readonly number[],
  onResult: (result: SimulatedCache) => void = () => undefined,
): SimulatedCache[] {
  const results: SimulatedCache[] = [];
  let next: BlockStore | null = null;
  try {
    for (const policy of policies) {
      for (const slots of sizes) {
        let hits = 0;
        if (slots > 0 && policy === 'MIN') {
          next ??= nextUses(log, keys);
          hits = minHits(log, next, keys, slots);
        } else if (slots > 0 && policy !== 'MIN') {
          // more slots than keys stay empty
          hits = onlineHits(log, onlinePolicies[policy](keys, Math.min(slots, keys)));
        }
        const result = { policy, slots, hits };
        results.push(result);
        onResult(result);
      }
    }
  } finally {
    next?.close();
  }
  return results;
}

function onlineHits(log: AccessLog, cache: OnlineCache): number {
  let hits = 0;
  for (let block = 0; block < log.blocks; block++) {
    const accesses = log.block(block);
    for (let at = 0; at < accesses.length; at++) if (cache.access(uint32At(accesses, at))) hits++;
  }
  return hits;
}

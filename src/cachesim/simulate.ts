import { uint32At } from '../support/typed-array.js';
import type { AccessLog } from './access-log.js';
import type { BlockStore } from './block-store.js';
import { nextUses, replayMin } from './min.js';
import { onlinePolicies, type OnlineCache, type PolicyName } from './policies.js';

/** Hits of one policy at one size. */
export interface SimulatedCache {
  readonly policy: PolicyName;
  readonly slots: number;
  readonly hits: number;
  /** Hits in each of the windows, which are equal parts of the log: see `windowEdges`. */
  readonly windowHits: readonly number[];
}

/** Parts that a log is cut into to see how hits change on its way; fewer where it has fewer accesses. */
export const WINDOWS = 50;

/** Where windows begin and end, in accesses: window w holds those from edge w to below edge w + 1. */
export function windowEdges(accesses: number): readonly number[] {
  const windows = Math.min(WINDOWS, accesses);
  return Array.from({ length: windows + 1 }, (_, edge) => Math.floor((edge * accesses) / windows));
}

/** Counts hits by window as a log is replayed in order. */
export class WindowHits {
  readonly hits: number[];
  readonly #edges: readonly number[];
  #window = 0;
  #access = 0;
  #edge: number;

  constructor(accesses: number) {
    this.#edges = windowEdges(accesses);
    this.hits = new Array<number>(this.#edges.length - 1).fill(0);
    this.#edge = this.#edges[1] ?? Infinity;
  }

  /** The next access was a hit, or was none. */
  count(isHit: boolean): void {
    if (this.#access === this.#edge) this.#edge = this.#edges[++this.#window + 1] ?? Infinity;
    this.#access++;
    if (isHit) this.hits[this.#window] = (this.hits[this.#window] ?? 0) + 1;
  }
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
        const counter = new WindowHits(log.length);
        if (slots > 0 && policy === 'MIN') {
          next ??= nextUses(log, keys);
          replayMin(log, next, keys, slots, counter);
        } else if (slots > 0 && policy !== 'MIN') {
          // more slots than keys stay empty
          replay(log, onlinePolicies[policy](keys, Math.min(slots, keys)), counter);
        }
        const windowHits = counter.hits;
        const hits = windowHits.reduce((sum, inWindow) => sum + inWindow, 0);
        const result = { policy, slots, hits, windowHits };
        results.push(result);
        onResult(result);
      }
    }
  } finally {
    next?.close();
  }
  return results;
}

function replay(log: AccessLog, cache: OnlineCache, counter: WindowHits): void {
  for (let block = 0; block < log.blocks; block++) {
    const accesses = log.block(block);
    for (let at = 0; at < accesses.length; at++) counter.count(cache.access(uint32At(accesses, at)));
  }
}

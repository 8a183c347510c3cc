import { uint32At } from '../support/typed-array.js';
import type { AccessLog } from './access-log.js';
import { BLOCK_LENGTH, BlockStore } from './block-store.js';

/** Next use of a key that is not used again. */
const NEVER = 0xffffffff;

/**
 * For every access the number of the next access to the same key, or 2^32 - 1: one pass from the end. Memory: 4 bytes a key,
 * and what `store` keeps.
 */
export function nextUses(log: AccessLog, keys: number, store = new BlockStore()): BlockStore {
  const upcoming = new Uint32Array(keys).fill(NEVER);
  const next = new Uint32Array(BLOCK_LENGTH);
  for (let block = log.blocks - 1; block >= 0; block--) {
    const accesses = log.block(block);
    for (let at = accesses.length - 1; at >= 0; at--) {
      const key = uint32At(accesses, at);
      next[at] = uint32At(upcoming, key);
      upcoming[key] = block * BLOCK_LENGTH + at;
    }
    store.set(block, next);
  }
  return store;
}

/**
 * Replays a log through Belady's MIN ("A study of replacement algorithms for a virtual-storage computer", IBM Systems Journal 5, 1966): on
 * a miss in a full cache the key whose next use lies farthest ahead makes room. Every key that is asked for is taken in, as
 * by the other policies: no policy that must take it in has more hits. Memory: 4 bytes a key, 8 a slot.
 *
 * @param next of `nextUses`
 * @param slots 1 and up
 * @param counter told of every access in order
 */
export function replayMin(
  log: AccessLog,
  next: BlockStore,
  keys: number,
  slots: number,
  counter: { count(isHit: boolean): void },
): void {
  const cache = new FarthestFirst(keys, Math.min(slots, keys));
  for (let block = 0; block < log.blocks; block++) {
    const accesses = log.block(block);
    const uses = next.get(block);
    for (let at = 0; at < accesses.length; at++) {
      counter.count(cache.access(uint32At(accesses, at), uint32At(uses, at)));
    }
  }
}

/** Cached keys in a binary heap, the one with the farthest next use at its root. */
class FarthestFirst {
  readonly #slots: number;
  /** Place in the heap + 1 of each key, 0 when it is not cached. */
  readonly #placeOf: Uint32Array;
  readonly #keyAt: Uint32Array;
  readonly #useAt: Uint32Array;
  #used = 0;

  constructor(keys: number, slots: number) {
    this.#slots = slots;
    this.#placeOf = new Uint32Array(keys);
    this.#keyAt = new Uint32Array(slots);
    this.#useAt = new Uint32Array(slots);
  }

  access(key: number, nextUse: number): boolean {
    const place = uint32At(this.#placeOf, key);
    if (place !== 0) {
      this.#rise(place - 1, key, nextUse); // its next use was now, and is later from now on
      return true;
    }
    if (this.#used < this.#slots) {
      this.#rise(this.#used++, key, nextUse);
    } else {
      this.#placeOf[uint32At(this.#keyAt, 0)] = 0;
      this.#sink(key, nextUse);
    }
    return false;
  }

  #put(place: number, key: number, use: number): void {
    this.#keyAt[place] = key;
    this.#useAt[place] = use;
    this.#placeOf[key] = place + 1;
  }

  #rise(from: number, key: number, use: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      const parentUse = uint32At(this.#useAt, parent);
      if (parentUse >= use) break;
      this.#put(place, uint32At(this.#keyAt, parent), parentUse);
      place = parent;
    }
    this.#put(place, key, use);
  }

  /** Puts a key in place of the root. */
  #sink(key: number, use: number): void {
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.#used) break;
      if (child + 1 < this.#used && uint32At(this.#useAt, child + 1) > uint32At(this.#useAt, child)) child++;
      const childUse = uint32At(this.#useAt, child);
      if (childUse <= use) break;
      this.#put(place, uint32At(this.#keyAt, child), childUse);
      place = child;
    }
    this.#put(place, key, use);
  }
}

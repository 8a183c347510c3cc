import { uint32At } from '../support/typed-array.js';

const NONE = 0xffffffff;

/**
 * SIEVE (Zhang, Yang, Yue, Vigfusson, Rashmi: "SIEVE is simpler than LRU", NSDI 2024): a queue in order of insertion, with
 * a hand that goes from the oldest to the newest key, unmarks those that were hit and removes the first that was not. Keys
 * stay where they are; the hand stays where it removed one.
 */
export class Sieve {
  /** Slot + 1 of each key, 0 when it is not cached. */
  readonly #slotOf: Uint32Array;
  readonly #keyOf: Uint32Array;
  readonly #visited: Uint8Array;
  readonly #newer: Uint32Array;
  readonly #older: Uint32Array;
  #newest = NONE;
  #oldest = NONE;
  #hand = NONE;
  #used = 0;

  constructor(keys: number, slots: number) {
    this.#slotOf = new Uint32Array(keys);
    this.#keyOf = new Uint32Array(slots);
    this.#visited = new Uint8Array(slots);
    this.#newer = new Uint32Array(slots);
    this.#older = new Uint32Array(slots);
  }

  access(key: number): boolean {
    const found = uint32At(this.#slotOf, key);
    if (found !== 0) {
      this.#visited[found - 1] = 1;
      return true;
    }
    const slot = this.#used < this.#keyOf.length ? this.#used++ : this.#evict();
    this.#keyOf[slot] = key;
    this.#slotOf[key] = slot + 1;
    this.#visited[slot] = 0;
    this.#newer[slot] = NONE;
    this.#older[slot] = this.#newest;
    if (this.#newest === NONE) this.#oldest = slot;
    else this.#newer[this.#newest] = slot;
    this.#newest = slot;
    return false;
  }

  /** Takes a key out of the queue. @returns its slot */
  #evict(): number {
    let slot = this.#hand === NONE ? this.#oldest : this.#hand;
    while (this.#visited[slot] === 1) {
      this.#visited[slot] = 0;
      const newer = uint32At(this.#newer, slot);
      slot = newer === NONE ? this.#oldest : newer;
    }
    const newer = uint32At(this.#newer, slot);
    const older = uint32At(this.#older, slot);
    this.#hand = newer;
    if (newer === NONE) this.#newest = older;
    else this.#older[newer] = older;
    if (older === NONE) this.#oldest = newer;
    else this.#newer[older] = newer;
    this.#slotOf[uint32At(this.#keyOf, slot)] = 0;
    return slot;
  }
}

import { uint32At } from '../support/typed-array.js';

/** Least recently used: a doubly linked list through the slots, most recent first. Memory: 4 bytes a key, 12 a slot. */
export class Lru {
  /** Slot + 1 of each key, 0 when it is not cached. */
  readonly #slotOf: Uint32Array;
  readonly #keyOf: Uint32Array;
  readonly #newer: Uint32Array;
  readonly #older: Uint32Array;
  #newest = 0;
  #oldest = 0;
  #used = 0;

  constructor(keys: number, slots: number) {
    this.#slotOf = new Uint32Array(keys);
    this.#keyOf = new Uint32Array(slots);
    this.#newer = new Uint32Array(slots);
    this.#older = new Uint32Array(slots);
  }

  access(key: number): boolean {
    const found = uint32At(this.#slotOf, key);
    if (found !== 0) {
      this.#moveToFront(found - 1);
      return true;
    }
    if (this.#used < this.#keyOf.length) {
      this.#addSlot(this.#used++, key);
      return false;
    }
    const slot = this.#oldest;
    this.#slotOf[uint32At(this.#keyOf, slot)] = 0;
    this.#keyOf[slot] = key;
    this.#slotOf[key] = slot + 1;
    this.#moveToFront(slot);
    return false;
  }

  #addSlot(slot: number, key: number): void {
    this.#keyOf[slot] = key;
    this.#slotOf[key] = slot + 1;
    if (slot > 0) {
      this.#older[slot] = this.#newest;
      this.#newer[this.#newest] = slot;
    }
    this.#newest = slot;
  }

  #moveToFront(slot: number): void {
    if (slot === this.#newest) return;
    const newer = uint32At(this.#newer, slot);
    if (slot === this.#oldest) {
      this.#oldest = newer;
    } else {
      const older = uint32At(this.#older, slot);
      this.#newer[older] = newer;
      this.#older[newer] = older;
    }
    this.#older[slot] = this.#newest;
    this.#newer[this.#newest] = slot;
    this.#newest = slot;
  }
}

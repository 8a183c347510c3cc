import { uint32At } from '../support/typed-array.js';

/** First in, first out: a ring of slots, the oldest of which is overwritten. Memory: 1 byte a key and 4 bytes a slot. */
export class Fifo {
  readonly #ring: Uint32Array;
  readonly #cached: Uint8Array;
  #next = 0;
  #used = 0;

  constructor(keys: number, slots: number) {
    this.#ring = new Uint32Array(slots);
    this.#cached = new Uint8Array(keys);
  }

  access(key: number): boolean {
    if (this.#cached[key] === 1) return true;
    if (this.#used < this.#ring.length) this.#used++;
    else this.#cached[uint32At(this.#ring, this.#next)] = 0;
    this.#ring[this.#next] = key;
    this.#cached[key] = 1;
    this.#next = this.#next + 1 === this.#ring.length ? 0 : this.#next + 1;
    return false;
  }
}

import { uint32At } from '../support/typed-array.js';

const ABSENT = 0;
const CACHED = 1;
const REFERENCED = 2;

/**
 * CLOCK with one reference bit (Corbató, "A paging experiment with the Multics system", 1968): a hand goes round the slots,
 * spares a key that was hit since it last passed, once, and replaces the first that was not. A new key begins unreferenced.
 */
export class Clock {
  readonly #ring: Uint32Array;
  readonly #state: Uint8Array;
  #hand = 0;
  #used = 0;

  constructor(keys: number, slots: number) {
    this.#ring = new Uint32Array(slots);
    this.#state = new Uint8Array(keys);
  }

  access(key: number): boolean {
    if (this.#state[key] !== ABSENT) {
      this.#state[key] = REFERENCED;
      return true;
    }
    if (this.#used < this.#ring.length) {
      this.#ring[this.#used++] = key;
    } else {
      for (;;) {
        const candidate = uint32At(this.#ring, this.#hand);
        if (this.#state[candidate] !== REFERENCED) {
          this.#state[candidate] = ABSENT;
          break;
        }
        this.#state[candidate] = CACHED;
        this.#advance();
      }
      this.#ring[this.#hand] = key;
      this.#advance();
    }
    this.#state[key] = CACHED;
    return false;
  }

  #advance(): void {
    this.#hand = this.#hand + 1 === this.#ring.length ? 0 : this.#hand + 1;
  }
}

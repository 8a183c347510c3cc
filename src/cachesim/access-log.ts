import { BenchError } from '../errors.js';
import { BLOCK_LENGTH, BlockStore } from './block-store.js';

/** More accesses could not be told apart by an unsigned 32-bit number. */
const MOST_ACCESSES = 0xfffffffe;

/** The keys of a trace by dense index, in order: 4 bytes an access, beyond some memory in a temporary file. */
export class AccessLog {
  length = 0;
  readonly #store: BlockStore;
  readonly #tail = new Uint32Array(BLOCK_LENGTH);
  #tailLength = 0;
  #fullBlocks = 0;

  constructor(store = new BlockStore()) {
    this.#store = store;
  }

  /** @param key dense index, 0 and up */
  append(key: number): void {
    if (this.#tailLength === BLOCK_LENGTH) {
      if (this.length >= MOST_ACCESSES) {
        throw new BenchError('TRACE_TOO_LARGE', 'The trace has more than 4,294,967,294 accesses.');
      }
      this.#store.set(this.#fullBlocks, this.#tail);
      this.#fullBlocks++;
      this.#tailLength = 0;
    }
    this.#tail[this.#tailLength++] = key;
    this.length++;
  }

  get blocks(): number {
    return this.#fullBlocks + (this.#tailLength > 0 ? 1 : 0);
  }

  /** Block by number; valid until the next call. */
  block(index: number): Uint32Array {
    return index < this.#fullBlocks ? this.#store.get(index) : this.#tail.subarray(0, this.#tailLength);
  }

  close(): void {
    this.#store.close();
  }
}

const ARRIVED = 0;
const OPEN = 1;
const ABORTED = 2;

/** How long a waiting worker sleeps before it looks for an abort. */
const LOOK_EVERY_MS = 20;

/**
 * Where all workers of a trial wait for the last one, and the sign that a trial is to end at once: three words of shared
 * memory, one gate a trial. Waiting blocks the thread (Atomics.wait), so that all start within microseconds.
 */
export class StartGate {
  readonly #words: Int32Array;
  readonly #workers: number;

  constructor(buffer: SharedArrayBuffer, workers: number) {
    this.#words = new Int32Array(buffer);
    this.#workers = workers;
  }

  static buffer(): SharedArrayBuffer {
    return new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT);
  }

  /** Waits until all workers have come, or the trial is aborted. */
  arrive(): void {
    if (Atomics.add(this.#words, ARRIVED, 1) + 1 === this.#workers) {
      Atomics.store(this.#words, OPEN, 1);
      Atomics.notify(this.#words, OPEN);
      return;
    }
    while (Atomics.load(this.#words, OPEN) === 0 && !this.aborted()) {
      Atomics.wait(this.#words, OPEN, 0, LOOK_EVERY_MS);
    }
  }

  abort(): void {
    Atomics.store(this.#words, ABORTED, 1);
  }

  aborted(): boolean {
    return Atomics.load(this.#words, ABORTED) === 1;
  }
}

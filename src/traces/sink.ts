import type { AccessKind, TraceConsumer } from './trace.js';

/** Stands between a parser and its consumer: counts, stops at the limit, and sees that times do not run backwards. */
export class TraceSink {
  accesses = 0;
  requests = 0;
  /** Whether any request came with a time. */
  timed = false;
  /** The limit is reached: parsers stop when they see this. */
  full = false;
  /** Accesses of each key, by its index; longer than there are keys. */
  accessesOfKey = new Uint32Array(1024);
  readonly #consumer: TraceConsumer;
  readonly #limit: number;
  readonly #ignoreTimes: boolean;
  #lastNs = -Infinity;
  #requestEnd = 0;

  /** @param limit accesses to take, 1 and up; Infinity for all */
  constructor(consumer: TraceConsumer, limit: number, ignoreTimes: boolean) {
    this.#consumer = consumer;
    this.#limit = limit;
    this.#ignoreTimes = ignoreTimes;
  }

  access(kind: AccessKind, key: number, valueBytes: number): void {
    if (this.full) return;
    this.#consumer.access(kind, key, valueBytes);
    this.accesses++;
    if (key >= this.accessesOfKey.length) this.#grow();
    this.accessesOfKey[key] = (this.accessesOfKey[key] ?? 0) + 1;
    if (this.accesses >= this.#limit) this.full = true;
  }

  /**
   * Closes a request; one without an access is no request.
   *
   * @param timeNs NaN where there is none
   * @returns false when the time lies before that of the request before
   */
  endRequest(timeNs: number): boolean {
    if (this.#requestEnd === this.accesses) return true;
    this.#requestEnd = this.accesses;
    this.requests++;
    if (this.#ignoreTimes || Number.isNaN(timeNs)) {
      this.#consumer.endRequest(NaN);
      return true;
    }
    if (timeNs < this.#lastNs) return false;
    this.#lastNs = timeNs;
    this.timed = true;
    this.#consumer.endRequest(timeNs);
    return true;
  }

  /** Keys come by first appearance: the next one is at most as far as the array is long. */
  #grow(): void {
    const larger = new Uint32Array(2 * this.accessesOfKey.length);
    larger.set(this.accessesOfKey);
    this.accessesOfKey = larger;
  }
}

/** What to say of a time that runs backwards; `time` and `before` as they stand in the trace. */
export function unsorted(time: string, before: string): string {
  return `time ${time} lies before ${before} of the request before it; times must ascend (--ignore-times takes the requests in the order of the file)`;
}

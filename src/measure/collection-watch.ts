import { PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';

/** Garbage collections of this thread, as Node.js reports them: a few hundred nanoseconds each, and nothing between them. */
export class CollectionWatch {
  readonly #entries: PerformanceEntry[] = [];
  readonly #observer: PerformanceObserver;

  constructor() {
    this.#observer = new PerformanceObserver((list) => {
      this.#entries.push(...list.getEntries());
    });
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  /**
   * Ends the watch.
   *
   * @param startMs from, of `performance.now()`
   * @param endMs to
   */
  async between(startMs: number, endMs: number): Promise<{ gcPauses: number; gcMs: number }> {
    // entries reach the observer in a later turn of the event loop than the collection
    await turn();
    await turn();
    this.#entries.push(...this.#observer.takeRecords());
    this.#observer.disconnect();
    const inside = this.#entries.filter(
      ({ startTime, duration }) => startTime >= startMs && startTime + duration <= endMs,
    );
    return {
      gcPauses: inside.length,
      gcMs: inside.reduce((sum, { duration }) => sum + duration, 0),
    };
  }
}

import { performance } from 'node:perf_hooks';

/**
 * Reads a monotonic clock: milliseconds with a fraction, from an origin of its own. A plain function, so that the hot loop
 * pays for nothing else, and so that tests hand in one of their own.
 */
export type Clock = () => number;

/**
 * `performance.now()`: nanosecond resolution from CLOCK_MONOTONIC, and the cheapest reading that does not allocate
 * (`process.hrtime.bigint()` makes a BigInt, whose arithmetic makes more).
 */
export const monotonicClock: Clock = () => performance.now();

/**
 * What to add to this thread's `monotonicClock` to get a time that all threads share. Each thread's `performance.now()`
 * counts from that thread's own start; `process.hrtime` has one origin for the whole process.
 */
export function sharedClockOffsetMs(): number {
  let best = { spread: Infinity, offset: 0 };
  // The tightest of a few bracketed readings: a pause between two readings would shift the offset.
  for (let attempt = 0; attempt < 16; attempt++) {
    const before = performance.now();
    const shared = Number(process.hrtime.bigint()) / 1e6;
    const after = performance.now();
    if (after - before < best.spread)
      best = { spread: after - before, offset: shared - (before + after) / 2 };
  }
  return best.offset;
}

/** Smallest step that the clock shows and cost of one reading, both in nanoseconds. Takes a few milliseconds. */
export function clockFacts(clock: Clock = monotonicClock): { resolutionNs: number; overheadNs: number } {
  const readings = 20_000;
  let smallest = Infinity;
  const start = clock();
  let last = start;
  for (let i = 0; i < readings; i++) {
    const now = clock();
    if (now > last && now - last < smallest) smallest = now - last;
    last = now;
  }
  return {
    resolutionNs: Number.isFinite(smallest) ? Math.max(1, Math.round(smallest * 1e6)) : 0,
    overheadNs: Math.max(0, ((last - start) / readings) * 1e6),
  };
}

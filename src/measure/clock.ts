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

/**
 * Smallest step that the clock shows and cost of one reading, both in nanoseconds. Takes about a millisecond. The cost is
 * that of the fastest of several rounds: what interrupts a round is no part of reading a clock.
 */
export function clockFacts(clock: Clock = monotonicClock): { resolutionNs: number; overheadNs: number } {
  const rounds = 10;
  const readings = 2_000;
  let smallestMs = Infinity;
  let fastestMs = Infinity;
  for (let round = 0; round < rounds; round++) {
    const startMs = clock();
    let lastMs = startMs;
    for (let i = 0; i < readings; i++) {
      const nowMs = clock();
      if (nowMs > lastMs && nowMs - lastMs < smallestMs) smallestMs = nowMs - lastMs;
      lastMs = nowMs;
    }
    fastestMs = Math.min(fastestMs, (lastMs - startMs) / readings);
  }
  return {
    resolutionNs: Number.isFinite(smallestMs) ? Math.max(1, Math.round(smallestMs * 1e6)) : 0,
    overheadNs: Math.max(0, fastestMs * 1e6),
  };
}

import type { Clock } from '../clock.js';

/** Two readings of the clock further apart than this were parted by something else than the loop around them. */
const GAP_MS = 0.1;

/** What a thread that only reads the clock sees of interruptions. */
export interface SchedulingGaps {
  readonly watchedMs: number;
  readonly gaps: number;
  readonly lostMs: number;
  readonly largestMs: number;
}

/**
 * Reads the clock without a pause and adds up the gaps of more than 0.1 ms: the time in which this thread was not running,
 * whoever took its processor (another process, the kernel, a hypervisor).
 *
 * @param durationMs above 0; the thread is busy as long
 */
export function watchScheduling(clock: Clock, durationMs: number): SchedulingGaps {
  const startMs = clock();
  let lastMs = startMs;
  let [gaps, lostMs, largestMs] = [0, 0, 0];
  while (lastMs - startMs < durationMs) {
    const nowMs = clock();
    const gapMs = nowMs - lastMs;
    if (gapMs > GAP_MS) {
      gaps++;
      lostMs += gapMs;
      largestMs = Math.max(largestMs, gapMs);
    }
    lastMs = nowMs;
  }
  return { watchedMs: lastMs - startMs, gaps, lostMs, largestMs };
}

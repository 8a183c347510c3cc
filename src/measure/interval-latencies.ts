import { LATENCY_BUCKETS } from '../results/latency-intervals.js';
import { present } from './present.js';

/** Counts latencies by interval and coarse bucket (`results/latency-intervals.ts`); memory is fixed when it is made. */
export class IntervalLatencies {
  /** Interval by interval, `LATENCY_BUCKETS` each. */
  readonly counts: Uint32Array;
  #offset = 0;

  /** @param intervals number of them, 1 and up */
  constructor(intervals: number) {
    this.counts = new Uint32Array(intervals * LATENCY_BUCKETS);
  }

  /** What is recorded from now on belongs to this interval. */
  enter(interval: number): void {
    this.#offset = interval * LATENCY_BUCKETS;
  }

  /** @param bin of the latency, as `LatencyRecorder.record` found it */
  record(bin: number): void {
    const index = this.#offset + bucketOfBin(bin);
    this.counts[index] = present(this.counts[index]) + 1;
  }
}

/**
 * Both layouts are an HdrHistogram's: 2048 sub-buckets there, 8 here. Bins below 1024 are the value itself; above, 256 bins
 * next to each other make one bucket.
 */
function bucketOfBin(bin: number): number {
  if (bin >= 1024) return (bin >>> 8) + 32;
  if (bin < 8) return bin;
  const shift = 29 - Math.clz32(bin);
  return shift * 4 + (bin >>> shift);
}

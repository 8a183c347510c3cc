import { createHistogram, HIGHEST_LATENCY_NS, type LatencyHistogram } from '../results/histogram.js';
import { present } from './present.js';

/** Values below this have a bin each; above, each power of two is split into half as many bins (3 decimal digits). */
const SUB_BUCKETS = 2048;
const HALF = SUB_BUCKETS / 2;
const TWO_POW_31 = 2 ** 31;
const TWO_POW_20 = 2 ** 20;
/** Bins up to 2^42 ns, which is above the highest latency kept. */
const BINS = HALF * 31 + SUB_BUCKETS;

/**
 * Counts latencies in the very bins of an HdrHistogram with 3 significant digits (Gil Tene's layout: linear sub-buckets
 * within powers of two), in a flat array. `HdrHistogram.recordValue` does the same in about 90 ns a value; in the loop that
 * drives an in-process engine that would be a third of what is measured, and here it is a few nanoseconds.
 */
export class LatencyRecorder {
  readonly #counts = new Uint32Array(BINS);
  count = 0;
  sumNs = 0;
  minNs = Infinity;
  maxNs = 0;

  /**
   * @param latencyNs 0 and up; what exceeds an hour is counted as an hour
   * @returns its bin
   */
  record(latencyNs: number): number {
    const value = latencyNs < HIGHEST_LATENCY_NS ? latencyNs : HIGHEST_LATENCY_NS;
    const index = binOf(value);
    this.#counts[index] = present(this.#counts[index]) + 1;
    this.count++;
    this.sumNs += value;
    if (value < this.minNs) this.minNs = value;
    if (value > this.maxNs) this.maxNs = value;
    return index;
  }

  reset(): void {
    this.#counts.fill(0);
    this.count = 0;
    this.sumNs = 0;
    this.minNs = Infinity;
    this.maxNs = 0;
  }

  /** Adds what was recorded to an HdrHistogram. */
  addTo(histogram: LatencyHistogram): void {
    for (let bin = 0; bin < BINS; bin++) {
      const count = present(this.#counts[bin]);
      if (count > 0) histogram.recordValueWithCount(lowestOf(bin), count);
    }
  }

  toHistogram(): LatencyHistogram {
    const histogram = createHistogram();
    this.addTo(histogram);
    return histogram;
  }
}

/** Bin of a value in [0, 2^42): bucket e holds [1024·2^e, 2048·2^e) in steps of 2^e. */
function binOf(value: number): number {
  if (value < SUB_BUCKETS) return value | 0;
  if (value < TWO_POW_31) {
    const whole = value | 0;
    const shift = 21 - Math.clz32(whole);
    return shift * HALF + (whole >>> shift);
  }
  const high = (value / TWO_POW_20) | 0;
  const shift = 21 - Math.clz32(high);
  return (shift + 20) * HALF + (high >>> shift);
}

/** Lowest value of a bin: the reverse of `binOf`. */
function lowestOf(bin: number): number {
  if (bin < SUB_BUCKETS) return bin;
  const shift = Math.floor(bin / HALF) - 1;
  return (bin - shift * HALF) * 2 ** shift;
}

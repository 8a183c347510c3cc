import { inflateSync } from 'node:zlib';
import {
  createHistogram,
  decodeHistogram,
  HIGHEST_LATENCY_NS,
  SIGNIFICANT_DIGITS,
  type LatencyHistogram,
} from './histogram.js';

/** Layout of the HdrHistograms of result files: 2048 sub-buckets keep three significant digits. */
const SUB_BUCKETS = 2048;
const HALF = SUB_BUCKETS / 2;
/** Bins of values up to 2^42 ns, above the highest that is kept. */
const BINS = HALF * 31 + SUB_BUCKETS;

/** Cookies of HdrHistogram's V2 encoding, deflated and plain, and the length of the plain header. */
const DEFLATED = 0x1c849314;
const PLAIN = 0x1c849313;
const HEADER_BYTES = 40;
/** Every bin in nine bytes, and more. */
const MAX_BYTES = 1024 * 1024;

/** Lowest value of a bin. */
function binFloorNs(bin: number): number {
  if (bin < SUB_BUCKETS) return bin;
  const shift = Math.floor(bin / HALF) - 1;
  return (bin - shift * HALF) * 2 ** shift;
}

/**
 * Adds up encoded histograms. Does what decoding each and `add` do, without making a histogram of each: a report of a
 * thousand trials reads some thousands of them twice.
 */
export class HistogramSum {
  readonly #counts = new Float64Array(BINS);
  /** Those of another range, which other tools may have written. */
  readonly #others: LatencyHistogram[] = [];

  /** @throws Error when the text is no histogram of result files */
  add(text: string): void {
    const isUsual = forEachCount(text, (bin, count) => {
      this.#counts[bin] = (this.#counts[bin] ?? 0) + count;
    });
    if (isUsual) return;
    this.#others.push(decodeHistogram(text));
  }

  /** Mean of the values, each taken for the middle of its bin, as HdrHistogram does; 0 when there is none. */
  mean(): number {
    if (this.#others.length > 0) return this.toHistogram().mean;
    let [total, count] = [0, 0];
    for (let bin = 0; bin < BINS; bin++) {
      const here = this.#counts[bin] ?? 0;
      if (here === 0) continue;
      total += here * (binFloorNs(bin) + Math.floor((binFloorNs(bin + 1) - binFloorNs(bin)) / 2));
      count += here;
    }
    return count === 0 ? 0 : total / count;
  }

  toHistogram(): LatencyHistogram {
    const histogram = createHistogram();
    for (let bin = 0; bin < BINS; bin++) {
      const count = this.#counts[bin] ?? 0;
      if (count > 0) histogram.recordValueWithCount(binFloorNs(bin), count);
    }
    for (const other of this.#others) histogram.add(other);
    return histogram;
  }
}

/** How many values a histogram holds. @throws Error when the text is none of result files */
export function countOf(text: string): number {
  let total = 0;
  const isUsual = forEachCount(text, (_bin, count) => {
    total += count;
  });
  return isUsual ? total : decodeHistogram(text).totalCount;
}

/**
 * Calls with every bin that is not empty.
 *
 * @returns false when the histogram has another range or precision than ours, or is none: nothing was called then
 */
function forEachCount(text: string, call: (bin: number, count: number) => void): boolean {
  const outer = Buffer.from(text, 'base64');
  if (outer.length < 8 || outer.readUInt32BE(0) !== DEFLATED) return false;
  const inner = inflateSync(outer.subarray(8, 8 + outer.readUInt32BE(4)), { maxOutputLength: MAX_BYTES });
  const isOurs =
    inner.length >= HEADER_BYTES &&
    inner.readUInt32BE(0) === PLAIN &&
    inner.readUInt32BE(12) === SIGNIFICANT_DIGITS &&
    inner.readBigInt64BE(16) === 1n &&
    inner.readBigInt64BE(24) === BigInt(HIGHEST_LATENCY_NS);
  if (!isOurs) return false;
  const end = Math.min(inner.length, HEADER_BYTES + inner.readUInt32BE(4));
  let bin = 0;
  for (let at = HEADER_BYTES; at < end;) {
    // LEB128 of at most nine bytes, the ninth whole, zigzag: below zero is a run of empty bins
    let value = 0;
    let scale = 1;
    for (let index = 0; ; index++) {
      const byte = inner[at++];
      if (byte === undefined) throw new Error('breaks off');
      value += (index === 8 ? byte : byte & 0x7f) * scale;
      if (index === 8 || byte < 0x80) break;
      scale *= 0x80;
    }
    if (value % 2 === 1) {
      bin += (value + 1) / 2;
      continue;
    }
    if (bin >= BINS) throw new Error('has values beyond an hour');
    if (value > 0) call(bin, value / 2);
    bin++;
  }
  return true;
}

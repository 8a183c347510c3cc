import { deflateRawSync, inflateRawSync } from 'node:zlib';

/**
 * Latencies over time, coarse: for each interval of a window, how many requests took how long. Buckets are four to each power
 * of two of nanoseconds (a bucket is at most 25 % wide), in the layout of an HdrHistogram with eight sub-buckets: values below
 * eight have a bucket each, above them bucket `4·s + m` holds [m·2^s, (m+1)·2^s) for m in 4 to 7.
 */
export const LATENCY_BUCKETS = 164;

/** Lowest latency of a bucket, nanoseconds; that of bucket `LATENCY_BUCKETS` ends the last one. */
export function bucketFloorNs(bucket: number): number {
  if (bucket < 8) return bucket;
  const shift = Math.floor(bucket / 4) - 1;
  return (bucket - shift * 4) * 2 ** shift;
}

/** No window has so many; what says so is damaged. */
const MAX_INTERVALS = 10_000;
/** A full table of the largest size, each count in 8 bytes: more than a real one ever takes. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * @param counts interval by interval, `LATENCY_BUCKETS` each
 * @returns base64 of raw DEFLATE (RFC 1951) of unsigned LEB128 numbers: the number of intervals; then for each interval the
 *   number of buckets that are not empty, and for each of those in ascending order how many buckets lie between it and the one
 *   before (or the first), and its count
 */
export function encodeLatencyIntervals(counts: ArrayLike<number>): string {
  const bytes: number[] = [];
  const intervals = Math.floor(counts.length / LATENCY_BUCKETS);
  put(bytes, intervals);
  for (let interval = 0; interval < intervals; interval++) {
    const row = Array.from(
      { length: LATENCY_BUCKETS },
      (_, bucket) => counts[interval * LATENCY_BUCKETS + bucket] ?? 0,
    );
    put(bytes, row.filter((count) => count > 0).length);
    let next = 0;
    for (const [bucket, count] of row.entries()) {
      if (count === 0) continue;
      put(bytes, bucket - next);
      put(bytes, count);
      next = bucket + 1;
    }
  }
  return deflateRawSync(Uint8Array.from(bytes), { level: 9 }).toString('base64');
}

/**
 * The reverse of `encodeLatencyIntervals`.
 *
 * @returns for each interval the counts of all `LATENCY_BUCKETS` buckets
 * @throws Error when the text is no such table
 */
export function decodeLatencyIntervals(text: string): number[][] {
  const rows: number[][] = [];
  const intervals = forEachLatencyCount(text, (interval, bucket, count) => {
    while (rows.length <= interval) rows.push(new Array<number>(LATENCY_BUCKETS).fill(0));
    const row = rows[interval];
    if (row !== undefined) row[bucket] = count;
  });
  while (rows.length < intervals) rows.push(new Array<number>(LATENCY_BUCKETS).fill(0));
  return rows;
}

/**
 * The same without making a table.
 *
 * @param visit takes the index of the interval, that of the bucket, and its count, in ascending order; empty buckets are left out
 * @returns number of intervals
 * @throws Error when the text is no such table
 */
export function forEachLatencyCount(
  text: string,
  visit: (interval: number, bucket: number, count: number) => void,
): number {
  const bytes = inflateRawSync(Buffer.from(text, 'base64'), { maxOutputLength: MAX_BYTES });
  const reader = new Leb128Reader(bytes);
  const intervals = reader.next();
  if (intervals > MAX_INTERVALS) throw new Error(`has ${String(intervals)} intervals`);
  for (let interval = 0; interval < intervals; interval++) {
    let next = 0;
    for (let left = reader.next(); left > 0; left--) {
      const bucket = next + reader.next();
      if (bucket >= LATENCY_BUCKETS) throw new Error(`interval ${String(interval)} has too many buckets`);
      visit(interval, bucket, reader.next());
      next = bucket + 1;
    }
  }
  if (!reader.ended) throw new Error('goes on after its last interval');
  return intervals;
}

function put(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}

class Leb128Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get ended(): boolean {
    return this.#at === this.#bytes.length;
  }

  next(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 0x80) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new Error('breaks off');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) break;
        return value;
      }
    }
    throw new Error('holds a number beyond 2^53');
  }
}

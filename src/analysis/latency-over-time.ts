import { bucketFloorNs, decodeLatencyIntervals, LATENCY_BUCKETS } from '../results/latency-intervals.js';
import type { MeasuredTrial } from '../results/schema.js';

/**
 * A cell of the map has the level of its share of the requests that were answered in its interval: level 1 from any at all,
 * level 5 from a tenth. Steps of ten, so that one slow request in ten thousand is seen beside the many quick ones.
 */
export const SHARE_LEVELS = [0, 0.0001, 0.001, 0.01, 0.1] as const;

/** Parts of the window that the table shows. */
const SLICES = 5;

/** What was answered in one part of the window, over all trials. Percentiles are the upper ends of their buckets. */
export interface LatencySlice {
  readonly fromMs: number;
  readonly toMs: number;
  readonly requests: number;
  readonly p50Ns: number;
  readonly p99Ns: number;
}

/** How long requests took over the course of the window, all measured trials laid over each other. */
export interface LatencyOverTime {
  readonly trials: number;
  readonly intervalMs: number;
  /** Lower ends of the buckets from the lowest that holds a request to the highest, and the upper end of that: nanoseconds. */
  readonly edgesNs: readonly number[];
  /** One text an interval, one digit a bucket: 0 where no request fell, else the level in `SHARE_LEVELS`. */
  readonly levels: readonly string[];
  readonly slices: readonly LatencySlice[];
}

/** null where the trials recorded no latencies by interval, or intervals of different lengths. */
export function latencyOverTime(trials: readonly MeasuredTrial[]): LatencyOverTime | null {
  const recorded = trials.flatMap(({ measurements: { intervalLatencies, intervalMs } }) =>
    intervalLatencies === undefined ? [] : [{ intervalMs, rows: decodeLatencyIntervals(intervalLatencies) }],
  );
  const [first] = recorded;
  if (first === undefined) return null;
  const { intervalMs } = first;
  const count = first.rows.length;
  if (recorded.some((one) => one.intervalMs !== intervalMs || one.rows.length !== count)) return null;
  const total = Array.from({ length: count }, (_, interval) =>
    addUp(recorded.map(({ rows }) => rows[interval] ?? [])),
  );
  const all = addUp(total);
  const lowest = all.findIndex((requests) => requests > 0);
  const highest = all.findLastIndex((requests) => requests > 0);
  if (lowest === -1) return null;
  const parts = Math.min(SLICES, count);
  return {
    trials: recorded.length,
    intervalMs,
    edgesNs: Array.from({ length: highest - lowest + 2 }, (_, bucket) => bucketFloorNs(lowest + bucket)),
    levels: total.map((row) => levelsOf(row.slice(lowest, highest + 1))),
    slices: Array.from({ length: parts }, (_, part) => {
      const [from, to] = [Math.floor((part * count) / parts), Math.floor(((part + 1) * count) / parts)];
      return {
        fromMs: from * intervalMs,
        toMs: to * intervalMs,
        ...percentiles(addUp(total.slice(from, to))),
      };
    }),
  };
}

function levelsOf(row: readonly number[]): string {
  const requests = row.reduce((sum, count) => sum + count, 0);
  return row
    .map((count) => (count === 0 ? 0 : SHARE_LEVELS.filter((share) => count / requests >= share).length))
    .join('');
}

function percentiles(row: readonly number[]): Pick<LatencySlice, 'requests' | 'p50Ns' | 'p99Ns'> {
  const requests = row.reduce((sum, count) => sum + count, 0);
  const at = (share: number): number => {
    let seen = 0;
    const bucket = row.findIndex((count) => (seen += count) >= share * requests && seen > 0);
    return bucket === -1 ? 0 : bucketFloorNs(bucket + 1);
  };
  return { requests, p50Ns: at(0.5), p99Ns: at(0.99) };
}

function addUp(rows: readonly (readonly number[])[]): number[] {
  const total = new Array<number>(LATENCY_BUCKETS).fill(0);
  for (const row of rows) {
    for (const [bucket, count] of row.entries()) total[bucket] = (total[bucket] ?? 0) + count;
  }
  return total;
}

import { BenchError } from '../errors.js';
import { HistogramSum } from '../results/histogram-counts.js';
import type { LatencyRecord, MeasuredTrial } from '../results/schema.js';
import type { LatencyDistribution } from './summary.js';

/** Where the merged distribution is read off, in percent. */
const PERCENTILES = [
  0, 1, 5, 10, 20, 25, 30, 40, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 97.5, 98, 99, 99.5, 99.9, 99.95, 99.99,
  99.999,
];

/**
 * One distribution of all requests of all trials, by adding up their histograms. Percentiles are never averaged: the p99 of
 * a run is not the mean of the p99s of its trials. A percentile that not one request lies beyond is left out; the maximum
 * closes the list.
 *
 * @param of which latencies of a trial; those of all requests by default
 * @throws BenchError RESULT_UNREADABLE when a histogram cannot be decoded
 */
export function mergeLatency(
  fileName: string,
  trials: readonly MeasuredTrial[],
  of: (trial: MeasuredTrial) => LatencyRecord | undefined = ({ measurements }) => measurements.latency.all,
): LatencyDistribution | null {
  const sum = new HistogramSum();
  let maxNs = 0;
  for (const trial of trials) {
    const record = of(trial);
    if (record === undefined) continue;
    add(sum, fileName, trial, record);
    // The file keeps the exact maximum of each trial; a decoded histogram knows it only to three digits.
    maxNs = Math.max(maxNs, record.maxNs);
  }
  const merged = sum.toHistogram();
  const requests = merged.totalCount;
  if (requests === 0) return null;
  const within = PERCENTILES.filter((percentile) => requests * (1 - percentile / 100) >= 1);
  return {
    requests,
    meanNs: sum.mean(),
    maxNs,
    percentiles: [
      ...within.map((percentile) => ({
        percentile,
        valueNs: Math.min(merged.getValueAtPercentile(percentile), maxNs),
      })),
      { percentile: 100, valueNs: maxNs },
    ],
  };
}

function add(sum: HistogramSum, fileName: string, trial: MeasuredTrial, record: LatencyRecord): void {
  try {
    sum.add(record.histogram);
  } catch (cause) {
    throw new BenchError(
      'RESULT_UNREADABLE',
      `${fileName}: the histogram of case ${trial.caseId}, contender ${trial.contender}, block ${String(trial.block)} ` +
        'cannot be decoded.',
      { cause },
    );
  }
}

import { build, decodeFromCompressedBase64, type Histogram } from 'hdr-histogram-js';

import { BenchError } from '../errors.js';
import type { MeasuredTrial } from '../results/schema.js';
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
 * @throws BenchError RESULT_UNREADABLE when a histogram cannot be decoded
 */
export function mergeLatency(fileName: string, trials: readonly MeasuredTrial[]): LatencyDistribution | null {
  const merged = build({
    bitBucketSize: 64,
    autoResize: true,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 2,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  });
  for (const trial of trials) merged.add(decode(fileName, trial));
  const requests = merged.totalCount;
  if (requests === 0) return null;
  const percentiles = [...PERCENTILES.filter((percentile) => requests * (1 - percentile / 100) >= 1), 100];
  return {
    requests,
    meanNs: merged.mean,
    maxNs: merged.maxValue,
    percentiles: percentiles.map((percentile) => ({
      percentile,
      valueNs: merged.getValueAtPercentile(percentile),
    })),
  };
}

function decode(fileName: string, trial: MeasuredTrial): Histogram {
  try {
    return decodeFromCompressedBase64(trial.measurements.latency.all.histogram, 64, false);
  } catch (cause) {
    throw new BenchError(
      'RESULT_UNREADABLE',
      `${fileName}: the histogram of case ${trial.caseId}, contender ${trial.contender}, block ${String(trial.block)} ` +
        'cannot be decoded.',
      { cause },
    );
  }
}

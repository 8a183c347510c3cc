import { bootstrapRatio } from '../stats/index.js';
import type { SamplePair } from './samples.js';

type Samples = Pick<SamplePair, 'a' | 'b'>;

/** Ratio of one percentile of two samples, with its bootstrap interval (BCa) of confidence 1 - alpha. */
export interface PercentileRatio {
  readonly percentile: number;
  /** null where a sample has fewer than `valuesNeeded`: too few lie beyond the percentile. */
  readonly ratio: {
    readonly estimate: number;
    readonly low: number;
    readonly high: number;
    readonly resamples: number;
    readonly seed: number;
  } | null;
  readonly valuesNeeded: number;
}

const PERCENTILES = [50, 95, 99];
/** Values that must lie beyond a percentile before a bootstrap says anything about it. */
const VALUES_BEYOND = 5;
const RESAMPLES = 10_000;
const SEED = 1;

/** Ratios of p50, p95 and p99, b over a. @param pair values above 0; empty where it is compared by difference */
export function percentileRatios(pair: SamplePair, alpha: number): PercentileRatio[] {
  if (pair.scale === 'difference') return [];
  return PERCENTILES.map((percentile) => percentileRatio(pair, percentile, alpha));
}

function percentileRatio({ a, b }: Samples, percentile: number, alpha: number): PercentileRatio {
  const valuesNeeded = Math.ceil(VALUES_BEYOND / (1 - percentile / 100) - 1e-9);
  if (Math.min(a.length, b.length) < valuesNeeded) return { percentile, ratio: null, valuesNeeded };
  const { estimate, low, high, resamples, seed } = bootstrapRatio(b, a, {
    statistic: percentile / 100,
    confidence: 1 - alpha,
    resamples: RESAMPLES,
    seed: SEED,
  });
  return { percentile, ratio: { estimate, low, high, resamples, seed }, valuesNeeded };
}

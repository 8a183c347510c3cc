import { normalCdf, normalQuantile } from './normal.js';
import { lowerQuantile } from './rank-sum-distribution.js';

/** Ranks, from 1, of the order statistics that bound a confidence interval, and the confidence that they achieve. */
export interface IntervalRank {
  /** The interval runs from the `rank`-th smallest to the `rank`-th largest. */
  readonly rank: number;
  readonly achieved: number;
}

/**
 * From an exact null distribution: rank = max(1, q) with q the alpha/2 quantile, achieved = 1 - 2 P(S < rank)
 * (Bauer 1972, as in R's wilcox.test). When even the widest interval falls short, `achieved` is below `confidence`.
 */
export function exactIntervalRank(counts: Float64Array, confidence: number): IntervalRank {
  const { value, below } = lowerQuantile(counts, (1 - confidence) / 2);
  if (value > 0) return { rank: value, achieved: 1 - 2 * below };
  let all = 0;
  for (const count of counts) all += count;
  return { rank: 1, achieved: 1 - (2 * (counts[0] ?? 0)) / all };
}

/** The same from the normal approximation with continuity correction, for a statistic of this mean and deviation. */
export function asymptoticIntervalRank(mean: number, deviation: number, confidence: number): IntervalRank {
  const rank = Math.max(1, Math.ceil(mean + normalQuantile((1 - confidence) / 2) * deviation - 0.5));
  return { rank, achieved: 1 - 2 * normalCdf((rank - 0.5 - mean) / deviation) };
}

import { checkFraction, checkValues } from './check.js';
import { asymptoticIntervalRank, exactIntervalRank } from './interval-rank.js';
import { lowerQuantile } from './rank-sum-distribution.js';

export interface MedianInterval {
  readonly estimate: number;
  /** null when no two order statistics enclose the median with that confidence (fewer than 6 values at 95 %). */
  readonly low: number | null;
  readonly high: number | null;
  readonly achievedConfidence: number | null;
}

/** Up to this many values the binomial distribution is counted; 2^1000 is still a double. */
const EXACT_MEDIAN_UP_TO = 1000;

/**
 * The median with its distribution-free confidence interval [x(l), x(n + 1 - l)], l the alpha/2 quantile of the binomial
 * distribution with n trials and probability 1/2, achieved confidence 1 - 2 P(B < l) (Thompson 1936; David and Nagaraja
 * 2003, ch. 7.1).
 *
 * @param values at least one finite number, in any order; not changed
 * @param options `confidence` between 0 and 1, default 0.95
 * @throws TypeError or RangeError naming the index
 */
export function medianInterval(
  values: ArrayLike<number>,
  options: { readonly confidence?: number } = {},
): MedianInterval {
  const { confidence = 0.95 } = options;
  checkFraction(confidence, 'confidence');
  checkValues(values, 'values');
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  const at = (rank: number): number => sorted[rank - 1] ?? NaN;
  const estimate = n % 2 === 1 ? at((n + 1) / 2) : at(n / 2) / 2 + at(n / 2 + 1) / 2;
  if (n > EXACT_MEDIAN_UP_TO) {
    const { rank, achieved } = asymptoticIntervalRank(n / 2, Math.sqrt(n) / 2, confidence);
    return { estimate, low: at(rank), high: at(n + 1 - rank), achievedConfidence: achieved };
  }
  const counts = binomialCounts(n);
  if (lowerQuantile(counts, (1 - confidence) / 2).value === 0) {
    return { estimate, low: null, high: null, achievedConfidence: null };
  }
  const { rank, achieved } = exactIntervalRank(counts, confidence);
  return { estimate, low: at(rank), high: at(n + 1 - rank), achievedConfidence: achieved };
}

/** C(n, k) for k = 0 … n. */
function binomialCounts(n: number): Float64Array {
  const counts = new Float64Array(n + 1);
  counts[0] = 1;
  for (let k = 1; k <= n; k++) counts[k] = ((counts[k - 1] ?? 0) * (n - k + 1)) / k;
  return counts;
}

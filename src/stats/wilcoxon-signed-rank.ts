import { checkChoice, checkFraction, checkInteger, checkValues } from './check.js';
import { asymptoticIntervalRank, exactIntervalRank } from './interval-rank.js';
import {
  alternatives,
  chooseExact,
  EXACT_UP_TO,
  standardise,
  testMethods,
  type Alternative,
  type TestMethod,
} from './mann-whitney.js';
import { doubledSignedRankCounts, tails } from './rank-sum-distribution.js';
import { selectWalshAverage } from './select-difference.js';
import type { ShiftEstimate } from './hodges-lehmann.js';

export interface SignedRankOptions {
  /** 'greater': the differences tend to be above 0. Default 'two-sided'. */
  readonly alternative?: Alternative;
  /** Default 'auto': exact up to 60 differences that are not 0, asymptotic beyond. */
  readonly method?: TestMethod;
  /** Continuity correction of the asymptotic method; default true. */
  readonly continuity?: boolean;
}

export interface SignedRankResult {
  /** V of R: the sum of the ranks of the positive differences. */
  readonly statistic: number;
  readonly pValue: number;
  readonly method: 'exact' | 'asymptotic';
  readonly z?: number;
  /** Differences that were not 0, on which the test ran. */
  readonly used: number;
  /** Differences of 0, which were dropped. */
  readonly zeros: number;
}

/**
 * Wilcoxon signed-rank test of paired differences (Wilcoxon 1945).
 *
 * Differences of 0 are dropped before ranking, as Wilcoxon did (and R does); when all are 0 nothing can be learnt and p = 1.
 * Exact: the distribution over all 2^n signs of the ranks, midranks included; two-sided p = min(1, 2 min(P(V <= v),
 * P(V >= v))). Asymptotic: mean n (n + 1) / 4, variance n (n + 1)(2n + 1) / 24 - sum(t^3 - t) / 48 (Lehmann 1975, ch. 3).
 *
 * @param differences at least one finite number; not changed
 * @throws TypeError or RangeError naming the index; RangeError for 'exact' beyond 400 differences
 */
export function wilcoxonSignedRank(
  differences: ArrayLike<number>,
  options: SignedRankOptions = {},
): SignedRankResult {
  const { alternative = 'two-sided', method = 'auto', continuity = true } = options;
  checkChoice(alternative, 'alternative', alternatives);
  checkChoice(method, 'method', testMethods);
  checkValues(differences, 'differences');
  const kept = Float64Array.from(differences)
    .filter((difference) => difference !== 0)
    .sort((a, b) => Math.abs(a) - Math.abs(b));
  const n = kept.length;
  const zeros = differences.length - n;
  const exact = chooseExact(method, n);
  if (n === 0) {
    return { statistic: 0, pValue: 1, method: exact ? 'exact' : 'asymptotic', used: 0, zeros };
  }
  const { doubledRanks, tieTerm } = doubledAbsoluteRanks(kept);
  let doubledV = 0;
  for (let i = 0; i < n; i++) if ((kept[i] ?? 0) > 0) doubledV += doubledRanks[i] ?? 0;
  const statistic = doubledV / 2;
  if (exact) {
    const { atMost, atLeast } = tails(doubledSignedRankCounts(doubledRanks), doubledV);
    const pValue =
      alternative === 'less'
        ? atMost
        : alternative === 'greater'
          ? atLeast
          : Math.min(1, 2 * Math.min(atMost, atLeast));
    return { statistic, pValue, method: 'exact', used: n, zeros };
  }
  const sigma = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24 - tieTerm / 48);
  const result = standardise(statistic - (n * (n + 1)) / 4, sigma, alternative, continuity);
  return { statistic, ...result, method: 'asymptotic', used: n, zeros };
}

function doubledAbsoluteRanks(sorted: Float64Array): { doubledRanks: Float64Array; tieTerm: number } {
  const doubledRanks = new Float64Array(sorted.length);
  let tieTerm = 0;
  for (let start = 0; start < sorted.length;) {
    let end = start + 1;
    while (end < sorted.length && Math.abs(sorted[end] ?? NaN) === Math.abs(sorted[start] ?? NaN)) end++;
    doubledRanks.fill(start + 1 + end, start, end); // ranks start + 1 … end: twice their mean
    const t = end - start;
    tieTerm += t * t * t - t;
    start = end;
  }
  return { doubledRanks, tieTerm };
}

/**
 * The pseudomedian of differences: the median of the Walsh averages (d_i + d_j) / 2, i <= j (Hodges and Lehmann 1963), with
 * the interval [W(q), W(K - q + 1)], K = n (n + 1) / 2, q = max(1, qsignrank(alpha/2, n)) (Bauer 1972; R's wilcox.test).
 *
 * Uses all differences, those of 0 too: dropping them would move the estimate away from 0. Beyond 60 differences q comes
 * from the normal approximation. When there are too few for the confidence asked, see `achievedConfidence`.
 *
 * @param differences at least one finite number; not changed
 * @throws TypeError or RangeError naming the index
 */
export function pseudomedian(
  differences: ArrayLike<number>,
  options: { readonly confidence?: number } = {},
): ShiftEstimate {
  const { confidence = 0.95 } = options;
  checkFraction(confidence, 'confidence');
  checkValues(differences, 'differences');
  const sorted = Float64Array.from(differences).sort();
  const n = sorted.length;
  const averages = (n * (n + 1)) / 2;
  const { rank, achieved } =
    n <= EXACT_UP_TO
      ? exactIntervalRank(signedRankCounts(n), confidence)
      : asymptoticIntervalRank(averages / 2, Math.sqrt((averages * (2 * n + 1)) / 12), confidence);
  const middle = selectWalshAverage(sorted, Math.ceil(averages / 2));
  return {
    estimate: averages % 2 === 1 ? middle : (middle + selectWalshAverage(sorted, averages / 2 + 1)) / 2,
    low: selectWalshAverage(sorted, rank),
    high: selectWalshAverage(sorted, averages - rank + 1),
    achievedConfidence: achieved,
  };
}

/** Counts of V = 0 … n (n + 1) / 2 without ties. */
function signedRankCounts(n: number): Float64Array {
  return doubledSignedRankCounts(Float64Array.from({ length: n }, (_, i) => i + 1));
}

/**
 * The smallest two-sided p-value that `wilcoxonSignedRank` can give for n differences, under the method that 'auto' takes:
 * 2 / 2^n when exact.
 *
 * @throws RangeError unless n is an integer of at least 1
 */
export function smallestSignedRankPValue(n: number): number {
  checkInteger(n, 'n', 1);
  if (n <= EXACT_UP_TO) return Math.min(1, 2 / 2 ** n);
  const sigma = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24);
  return standardise((n * (n + 1)) / 4, sigma, 'two-sided', true).pValue;
}

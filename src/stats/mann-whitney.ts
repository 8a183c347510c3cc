import { checkChoice, checkInteger, checkValues } from './check.js';
import { normalCdf } from './normal.js';
import { poolRanks } from './ranks.js';
import { doubledUCounts, tails } from './rank-sum-distribution.js';

/** What the alternative hypothesis says of the first sample: 'less' means that its values tend to be smaller. */
export type Alternative = 'two-sided' | 'less' | 'greater';
export const alternatives: readonly Alternative[] = ['two-sided', 'less', 'greater'];
export const testMethods = ['auto', 'exact', 'asymptotic'] as const;
export type TestMethod = (typeof testMethods)[number];

/** Up to this many values in all, 'auto' computes the exact distribution, ties included. */
export const EXACT_UP_TO = 60;
/** Largest total for which 'exact' may be asked for: 400 values take about a second, and C(400, 200) is a double. */
const EXACT_LIMIT = 400;

export interface MannWhitneyOptions {
  /** Default 'two-sided'. */
  readonly alternative?: Alternative;
  /** Default 'auto': exact up to 60 values in all, asymptotic beyond. */
  readonly method?: TestMethod;
  /** Continuity correction of the asymptotic method; default true. */
  readonly continuity?: boolean;
}

export interface MannWhitneyResult {
  /** Pairs in which x is larger, plus half of the pairs that tie. */
  readonly u1: number;
  /** Pairs in which y is larger, plus half of the ties; u1 + u2 = m n. */
  readonly u2: number;
  readonly pValue: number;
  readonly method: 'exact' | 'asymptotic';
  /** Standardised u1, only of the asymptotic method. */
  readonly z?: number;
  /** True when all values are equal: nothing can be learnt, and the p-value is 1. */
  readonly allTied: boolean;
}

/**
 * Mann-Whitney U test (Wilcoxon rank-sum test) of two independent samples.
 *
 * Exact: the permutation distribution of U given the ties; two-sided p = min(1, 2 min(P(U <= u), P(U >= u))).
 * Asymptotic: z = (U - mn/2 -+ 1/2) / sigma with sigma^2 = mn/12 ((N + 1) - sum(t^3 - t) / (N (N - 1))), the correction for
 * ties and continuity (Mann and Whitney 1947; Lehmann 1975, ch. 1.4); two-sided p = 2 min(Phi(z), 1 - Phi(z)).
 * Agrees with R's wilcox.test where R is exact, and with SciPy's mannwhitneyu where SciPy is asymptotic; unlike both, it
 * stays exact in the presence of ties.
 *
 * @param x first sample: at least one finite number; not changed
 * @param y second sample
 * @returns sizes up to millions: O(N log N) when asymptotic
 * @throws TypeError or RangeError naming the sample and the index: not a number, NaN, infinite, empty; RangeError for
 *   method 'exact' beyond 400 values in all
 */
export function mannWhitneyU(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  options: MannWhitneyOptions = {},
): MannWhitneyResult {
  const { alternative = 'two-sided', method = 'auto', continuity = true } = options;
  checkChoice(alternative, 'alternative', alternatives);
  checkChoice(method, 'method', testMethods);
  checkValues(x, 'x');
  checkValues(y, 'y');
  const m = x.length;
  const n = y.length;
  const exact = chooseExact(method, m + n);
  const ranks = poolRanks(x, y);
  const doubledU1 = ranks.doubledRankSum - m * (m + 1);
  const u1 = doubledU1 / 2;
  const u2 = m * n - u1;
  const allTied = ranks.groupSizes.length === 1;
  if (exact) {
    // U of the smaller sample has the same distribution turned round, in fewer rows.
    const counts = doubledUCounts(ranks.groupSizes, Math.min(m, n));
    const { atMost, atLeast } = tails(counts, m <= n ? doubledU1 : 2 * m * n - doubledU1);
    const less = m <= n ? atMost : atLeast;
    const greater = m <= n ? atLeast : atMost;
    const pValue =
      alternative === 'less'
        ? less
        : alternative === 'greater'
          ? greater
          : Math.min(1, 2 * Math.min(less, greater));
    return { u1, u2, pValue, method: 'exact', allTied };
  }
  if (allTied) return { u1, u2, pValue: 1, method: 'asymptotic', z: 0, allTied };
  const total = m + n;
  const sigma = Math.sqrt(((m * n) / 12) * (total + 1 - ranks.tieTerm / (total * (total - 1))));
  return {
    u1,
    u2,
    method: 'asymptotic',
    ...standardise(u1 - (m * n) / 2, sigma, alternative, continuity),
    allTied,
  };
}

/** z and p of a statistic that lies `distance` from its mean, under the normal approximation. */
export function standardise(
  distance: number,
  sigma: number,
  alternative: Alternative,
  continuity: boolean,
): { readonly z: number; readonly pValue: number } {
  const half = continuity ? 0.5 : 0;
  if (alternative === 'less') {
    const z = (distance + half) / sigma;
    return { z, pValue: normalCdf(z) };
  }
  if (alternative === 'greater') {
    const z = (distance - half) / sigma;
    return { z, pValue: normalCdf(-z) };
  }
  const z = (distance - half * Math.sign(distance)) / sigma;
  return { z, pValue: Math.min(1, 2 * normalCdf(-Math.abs(z))) };
}

/** Which method runs for this many values. */
export function chooseExact(method: TestMethod, values: number): boolean {
  if (method === 'exact' && values > EXACT_LIMIT) {
    throw new RangeError(
      `method 'exact' takes up to ${String(EXACT_LIMIT)} values in all; there are ${String(values)} (use 'asymptotic')`,
    );
  }
  return method === 'exact' || (method === 'auto' && values <= EXACT_UP_TO);
}

/**
 * The smallest two-sided p-value that `mannWhitneyU` can give for samples of m and n values without ties, under the method
 * that 'auto' takes: 2 / C(m + n, m) when exact.
 *
 * @throws RangeError unless m and n are integers of at least 1
 */
export function smallestMannWhitneyPValue(m: number, n: number): number {
  checkInteger(m, 'm', 1);
  checkInteger(n, 'n', 1);
  if (m + n <= EXACT_UP_TO) {
    let ways = 1;
    for (let k = 1; k <= Math.min(m, n); k++) ways = (ways * (m + n - k + 1)) / k;
    return Math.min(1, 2 / ways);
  }
  const sigma = Math.sqrt((m * n * (m + n + 1)) / 12);
  return standardise((m * n) / 2, sigma, 'two-sided', true).pValue;
}

import { checkChoice, checkValues } from './check.js';
import { alternatives, EXACT_UP_TO, standardise, type Alternative } from './mann-whitney.js';
import { tails } from './rank-sum-distribution.js';
import { selectInPlace } from './quickselect.js';

export interface MannKendallTest {
  /** Pairs that rise minus pairs that fall. */
  readonly s: number;
  /** Kendall's tau-a, s / (n (n - 1) / 2): -1 (always falling) to 1. */
  readonly tau: number;
  readonly pValue: number;
  readonly method: 'exact' | 'asymptotic';
  /** Standardised s, only of the asymptotic method. */
  readonly z?: number;
}

/** Pairs are counted one by one; 20,000 values take about a second. */
const MOST_VALUES = 20_000;
/** Slopes are held in memory to find their median. */
const MOST_SLOPES_OF = 4000;

/**
 * Mann-Kendall test of a monotone trend in a series (Mann 1945, Econometrica 13; Kendall 1970).
 *
 * Exact without ties up to 60 values: the distribution of inversions over all orders. Otherwise normal with continuity
 * correction 1 and variance (n (n - 1)(2n + 5) - sum t (t - 1)(2t + 5)) / 18. It supposes that the values are independent
 * when there is no trend: in a series that correlates with itself (see `ljungBox`) it finds trends too often.
 *
 * @param values at least 3 finite numbers in order of time, 20,000 at most; not changed
 * @param options `alternative`: 'greater' means rising; default 'two-sided'
 * @throws TypeError or RangeError naming what is wrong
 */
export function mannKendall(
  values: ArrayLike<number>,
  options: { readonly alternative?: Alternative } = {},
): MannKendallTest {
  const { alternative = 'two-sided' } = options;
  checkChoice(alternative, 'alternative', alternatives);
  checkValues(values, 'values', 3);
  const n = values.length;
  refuseMoreThan(n, MOST_VALUES);
  const series = Float64Array.from(values);
  let s = 0;
  for (let i = 0; i < n; i++) {
    const early = series[i] ?? NaN;
    for (let j = i + 1; j < n; j++) s += Math.sign((series[j] ?? NaN) - early);
  }
  const pairs = (n * (n - 1)) / 2;
  const tau = s / pairs;
  const tieTerm = tiesOf(series);
  if (tieTerm === 0 && n <= EXACT_UP_TO) {
    // s = 2 (pairs that rise) - pairs, and the pairs that rise are distributed as inversions are
    const { atMost, atLeast } = tails(inversionCounts(n), (s + pairs) / 2);
    const pValue =
      alternative === 'less'
        ? atMost
        : alternative === 'greater'
          ? atLeast
          : Math.min(1, 2 * Math.min(atMost, atLeast));
    return { s, tau, pValue, method: 'exact' };
  }
  const variance = (n * (n - 1) * (2 * n + 5) - tieTerm) / 18;
  if (variance <= 0) return { s, tau, pValue: 1, method: 'asymptotic', z: 0 };
  // s moves in steps of 2, so that half a step is 1: the same as half of one in s / 2
  const result = standardise(s / 2, Math.sqrt(variance) / 2, alternative, true);
  return { s, tau, ...result, method: 'asymptotic' };
}

/** Sum of t (t - 1)(2t + 5) over groups of t equal values. */
function tiesOf(series: Float64Array): number {
  const sorted = series.slice().sort();
  let sum = 0;
  for (let start = 0; start < sorted.length;) {
    let end = start + 1;
    while (end < sorted.length && sorted[end] === sorted[start]) end++;
    const t = end - start;
    sum += t * (t - 1) * (2 * t + 5);
    start = end;
  }
  return sum;
}

/** Orders of n things with k inversions, k = 0 … n (n - 1) / 2 (MacMahon): the product of (1 + q + … + q^(i - 1)). */
function inversionCounts(n: number): Float64Array {
  let counts: Float64Array = Float64Array.of(1);
  for (let i = 2; i <= n; i++) {
    const next = new Float64Array(counts.length + i - 1);
    let window = 0;
    for (let k = 0; k < next.length; k++) {
      window += counts[k] ?? 0;
      if (k >= i) window -= counts[k - i] ?? 0;
      next[k] = window;
    }
    counts = next;
  }
  return counts;
}

/**
 * Theil-Sen slope of a series at equal steps: the median of (x_j - x_i) / (j - i) over all pairs (Theil 1950; Sen 1968).
 *
 * @param values at least 2 finite numbers in order of time, 4,000 at most
 * @returns change of the value for one step
 * @throws TypeError or RangeError naming what is wrong
 */
export function theilSenSlope(values: ArrayLike<number>): number {
  checkValues(values, 'values', 2);
  const n = values.length;
  refuseMoreThan(n, MOST_SLOPES_OF);
  const slopes = new Float64Array((n * (n - 1)) / 2);
  let next = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) slopes[next++] = ((values[j] ?? NaN) - (values[i] ?? NaN)) / (j - i);
  }
  const upper = selectInPlace(slopes, Math.floor(slopes.length / 2));
  if (slopes.length % 2 === 1) return upper;
  let lower = -Infinity; // the largest of those before it
  for (let at = 0; at < slopes.length / 2; at++) lower = Math.max(lower, slopes[at] ?? NaN);
  return (lower + upper) / 2;
}

function refuseMoreThan(n: number, most: number): void {
  if (n > most) throw new RangeError(`values has ${String(n)} entries; at most ${String(most)} are taken`);
}

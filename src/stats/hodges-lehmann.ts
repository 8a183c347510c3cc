import { checkFraction, checkValues } from './check.js';
import { asymptoticIntervalRank, exactIntervalRank } from './interval-rank.js';
import { uCounts } from './rank-sum-distribution.js';
import { selectInPlace } from './quickselect.js';
import { selectDifference } from './select-difference.js';

export interface ShiftEstimate {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  /**
   * Confidence of [low, high] when no values tie. At least what was asked, except when the samples are too small for that:
   * then [low, high] is the widest interval there is (as in R) and this is below what was asked; compare the two.
   */
  readonly achievedConfidence: number;
}

/** Up to this many values in all, ranks of the interval come from the exact distribution; beyond, from the normal one. */
const EXACT_INTERVAL_UP_TO = 100;

/** Up to this many differences they are written down and selected from: quicker than the search, which needs no memory. */
const WRITTEN_DOWN_UP_TO = 32_768;

/** A function that gives the k-th smallest (from 1) of all differences x_i - y_j. */
function differences(x: Float64Array, y: Float64Array): (k: number) => number {
  if (x.length * y.length > WRITTEN_DOWN_UP_TO) return (k) => selectDifference(x, y, k);
  const all = new Float64Array(x.length * y.length);
  let next = 0;
  for (const xi of x) for (const yj of y) all[next++] = xi - yj;
  return (k) => selectInPlace(all, k - 1) + 0; // -0 and 0 are one value
}

/**
 * Hodges-Lehmann estimate of the shift from y to x: the median of all differences x_i - y_j (Hodges and Lehmann 1963), with
 * Bauer's interval [D(q), D(mn - q + 1)], q = max(1, qwilcox(alpha/2, m, n)) (Bauer 1972; R's wilcox.test). It is the median
 * of the differences, not the difference of the medians.
 *
 * Without ties, and unless p hits alpha exactly, the interval excludes 0 exactly when the exact two-sided Mann-Whitney p is
 * below 1 - confidence. Beyond 100 values in all q is taken from the normal approximation; the order statistics themselves
 * are exact at every size, in O(m + n) memory beyond some ten thousand differences.
 *
 * @param x first sample: at least one finite number; not changed
 * @param y second sample
 * @param options `confidence` between 0 and 1, default 0.95
 * @throws TypeError or RangeError naming the sample and the index
 */
export function hodgesLehmann(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  options: { readonly confidence?: number } = {},
): ShiftEstimate {
  const { confidence = 0.95 } = options;
  checkFraction(confidence, 'confidence');
  checkValues(x, 'x');
  checkValues(y, 'y');
  const a = Float64Array.from(x).sort();
  const b = Float64Array.from(y).sort();
  const m = a.length;
  const n = b.length;
  const pairs = m * n;
  const { rank, achieved } =
    m + n <= EXACT_INTERVAL_UP_TO
      ? exactIntervalRank(uCounts(m, n), confidence)
      : asymptoticIntervalRank(pairs / 2, Math.sqrt((pairs * (m + n + 1)) / 12), confidence);
  const select = differences(a, b);
  const middle = select(Math.ceil(pairs / 2));
  return {
    estimate: pairs % 2 === 1 ? middle : (middle + select(pairs / 2 + 1)) / 2,
    low: select(rank),
    high: select(pairs - rank + 1),
    achievedConfidence: achieved,
  };
}

/**
 * The Hodges-Lehmann estimate on logarithms: exp(median of ln x_i - ln y_j), how many times as large x is as y, with its
 * interval.
 *
 * @param x first sample: at least one finite number above 0
 * @throws TypeError or RangeError naming the sample and the index
 */
export function hodgesLehmannRatio(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  options: { readonly confidence?: number } = {},
): ShiftEstimate {
  const shift = hodgesLehmann(logarithms(x, 'x'), logarithms(y, 'y'), options);
  return {
    estimate: Math.exp(shift.estimate),
    low: Math.exp(shift.low),
    high: Math.exp(shift.high),
    achievedConfidence: shift.achievedConfidence,
  };
}

function logarithms(values: ArrayLike<number>, name: string): Float64Array {
  checkValues(values, name);
  return Float64Array.from(values, (value, index) => {
    if (value <= 0)
      throw new RangeError(`${name}[${String(index)}] is ${String(value)}; a ratio needs values above 0`);
    return Math.log(value);
  });
}

import { checkFraction, checkInteger, checkValues } from './check.js';
import { hodgesLehmann, type ShiftEstimate } from './hodges-lehmann.js';
import { mannWhitneyU, smallestMannWhitneyPValue } from './mann-whitney.js';
import { pseudomedian, smallestSignedRankPValue, wilcoxonSignedRank } from './wilcoxon-signed-rank.js';

export interface EquivalenceOptions {
  /** The largest difference that does not matter; declared before the data are seen. See `scale` for its unit. */
  readonly margin: number;
  /** Level of the test; default 0.05. */
  readonly alpha?: number;
  /**
   * 'ratio' (default): margin is a fraction below 1, the ratio may lie between 1 - margin and 1 / (1 - margin), and the test
   * runs on logarithms; the bounds are those of a loss, and turn round with the samples. 'difference': margin in the unit of
   * the values, between -margin and margin.
   */
  readonly scale?: 'ratio' | 'difference';
}

export interface EquivalenceResult {
  /** True when p < alpha: the difference was shown to be smaller than the margin. False is no proof of a difference. */
  readonly equivalent: boolean;
  /** The larger of the two one-sided p-values. */
  readonly pValue: number;
  /** p against "as low as the lower bound, or lower". */
  readonly pLower: number;
  /** p against "as high as the upper bound, or higher". */
  readonly pUpper: number;
  /** What the margin means on the scale of the estimate. */
  readonly bounds: { readonly low: number; readonly high: number };
  /**
   * Hodges-Lehmann estimate of x over y (or x - y) with its interval of confidence 1 - 2 alpha; without ties it lies within
   * the bounds exactly when `equivalent`, as long as p-values are exact.
   */
  readonly interval: ShiftEstimate;
  readonly method: 'exact' | 'asymptotic';
  /** The smallest p that so many values can give; at alpha or above, nothing can be shown equivalent. */
  readonly smallestPValue: number;
}

/**
 * Are two samples the same within a margin? Two one-sided tests (Schuirmann 1987) by rank (Wellek 2010, ch. 6): p is the
 * larger one-sided Mann-Whitney p of x moved up by the margin being greater than y, and of x moved down by it being less.
 *
 * @param x first sample, at least one finite number; above 0 when `scale` is 'ratio'; not changed
 * @param y second sample
 * @throws TypeError or RangeError naming the sample and the index, or the option
 */
export function equivalence(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  options: EquivalenceOptions,
): EquivalenceResult {
  const { alpha, margin, toScale, fromScale } = readOptions(options);
  const a = toScale(x, 'x');
  const b = toScale(y, 'y');
  const lower = mannWhitneyU(
    a.map((value) => value + margin),
    b,
    { alternative: 'greater' },
  );
  const upper = mannWhitneyU(
    a.map((value) => value - margin),
    b,
    { alternative: 'less' },
  );
  return {
    ...conclude(lower.pValue, upper.pValue, alpha),
    bounds: { low: fromScale(-margin), high: fromScale(margin) },
    interval: scaled(hodgesLehmann(a, b, { confidence: confidenceOf(alpha) }), fromScale),
    method: lower.method,
    smallestPValue: smallestMannWhitneyPValue(a.length, b.length) / 2,
  };
}

/**
 * The same for pairs, such as the blocks of an interleaved session: two one-sided signed-rank tests.
 *
 * @param differences x - y within a pair, one a pair; with `scale` 'ratio' the differences of logarithms, ln x - ln y
 * @throws TypeError or RangeError naming the index or the option
 */
export function pairedEquivalence(
  differences: ArrayLike<number>,
  options: EquivalenceOptions,
): EquivalenceResult {
  const { alpha, margin, fromScale } = readOptions(options);
  checkValues(differences, 'differences');
  const d = Float64Array.from(differences);
  const lower = wilcoxonSignedRank(
    d.map((value) => value + margin),
    { alternative: 'greater' },
  );
  const upper = wilcoxonSignedRank(
    d.map((value) => value - margin),
    { alternative: 'less' },
  );
  return {
    ...conclude(lower.pValue, upper.pValue, alpha),
    bounds: { low: fromScale(-margin), high: fromScale(margin) },
    interval: scaled(pseudomedian(d, { confidence: confidenceOf(alpha) }), fromScale),
    method: lower.method,
    smallestPValue: smallestSignedRankPValue(d.length) / 2,
  };
}

/**
 * The fewest values in each of two samples with which `equivalence` can come out at this level at all.
 *
 * @param alpha between 0 and 1
 */
export function requiredForEquivalence(alpha: number): number {
  checkFraction(alpha, 'alpha');
  let n = 1;
  while (smallestMannWhitneyPValue(n, n) / 2 >= alpha) n++;
  checkInteger(n, 'n', 1);
  return n;
}

function conclude(pLower: number, pUpper: number, alpha: number) {
  const pValue = Math.max(pLower, pUpper);
  return { equivalent: pValue < alpha, pValue, pLower, pUpper };
}

/** Above a half there is no interval; the narrowest is then as good as any. */
function confidenceOf(alpha: number): number {
  return Math.max(1 - 2 * alpha, Number.EPSILON);
}

interface Scale {
  readonly alpha: number;
  /** On the scale on which the test runs. */
  readonly margin: number;
  readonly toScale: (values: ArrayLike<number>, name: string) => Float64Array;
  readonly fromScale: (value: number) => number;
}

function readOptions({ margin, alpha = 0.05, scale = 'ratio' }: EquivalenceOptions): Scale {
  checkFraction(alpha, 'alpha');
  if (scale === 'ratio') {
    checkFraction(margin, 'margin');
    return { alpha, margin: -Math.log1p(-margin), toScale: logarithms, fromScale: Math.exp };
  }
  if (!(margin > 0 && Number.isFinite(margin))) {
    throw new RangeError(`margin must be above 0; it is ${String(margin)}`);
  }
  return { alpha, margin, toScale: plain, fromScale: (value) => value };
}

function plain(values: ArrayLike<number>, name: string): Float64Array {
  checkValues(values, name);
  return Float64Array.from(values);
}

function logarithms(values: ArrayLike<number>, name: string): Float64Array {
  return plain(values, name).map((value, index) => {
    if (value > 0) return Math.log(value);
    throw new RangeError(`${name}[${String(index)}] is ${String(value)}; a ratio needs values above 0`);
  });
}

function scaled(shift: ShiftEstimate, fromScale: (value: number) => number): ShiftEstimate {
  return {
    estimate: fromScale(shift.estimate),
    low: fromScale(shift.low),
    high: fromScale(shift.high),
    achievedConfidence: shift.achievedConfidence,
  };
}

import { checkFraction, checkInteger } from './check.js';
import { EXACT_UP_TO, smallestMannWhitneyPValue } from './mann-whitney.js';
import { normalCdf, normalQuantile } from './normal.js';
import { uCounts } from './rank-sum-distribution.js';
import { smallestSignedRankPValue } from './wilcoxon-signed-rank.js';

/**
 * The fewest ABBA blocks (two trials of each contender in a block) with which both tests can fall below alpha after Holm
 * over the family: Mann-Whitney with 2b trials against 2b, and signed-rank with b blocks. The signed-rank test decides it:
 * 2 / 2^b < alpha / comparisons.
 *
 * @param options `alpha` between 0 and 1; `comparisons` in the family, 1 and up
 * @throws RangeError outside these ranges
 */
export function requiredBlocks(options: { readonly alpha: number; readonly comparisons: number }): number {
  const { alpha, comparisons } = options;
  checkFraction(alpha, 'alpha');
  checkInteger(comparisons, 'comparisons', 1);
  for (let blocks = 1; ; blocks++) {
    const worst = Math.max(
      smallestMannWhitneyPValue(2 * blocks, 2 * blocks),
      smallestSignedRankPValue(blocks),
    );
    if (worst * comparisons < alpha) return blocks;
  }
}

/**
 * Power of the one-sided Mann-Whitney test against a shift between two normal samples of equal deviation: P(U >= c), c the
 * critical value of the test as `mannWhitneyU` makes it (exact up to 60 values in all), U taken as normal with the mean and
 * the variance that it has under that shift: with h = shift / (deviation sqrt 2), p1 = Phi(h) and p2 = Phi2(h, h; 1/2),
 * mean = mn p1, variance = mn (p1 (1 - p1) + (m + n - 2)(p2 - p1^2)) (Lehmann 1975, ch. 2.3). For two-sided tests at level
 * alpha give alpha / 2.
 *
 * Beside the simulated power it errs on the low side, by up to 0.06 below 10 values (`npm run bench:stats`). For values
 * that are not normal the power of a rank test is mostly higher.
 *
 * @param options `shift` 0 and up in the unit of `deviation`; `deviation` above 0; `sizes` of the two samples; one-sided
 *   `alpha`
 * @returns 0 when no data of these sizes can reach alpha
 * @throws RangeError outside these ranges
 */
export function mannWhitneyPower(options: {
  readonly shift: number;
  readonly deviation: number;
  readonly sizes: readonly [number, number];
  readonly alpha: number;
}): number {
  const { shift, deviation, sizes, alpha } = options;
  if (!(shift >= 0)) throw new RangeError(`shift must not be negative; it is ${String(shift)}`);
  if (!(deviation > 0)) throw new RangeError(`deviation must be above 0; it is ${String(deviation)}`);
  const [m, n] = checkSizes(sizes);
  checkFraction(alpha, 'alpha');
  const critical = criticalU(m, n, alpha);
  return critical === null ? 0 : shiftedPower(shift / deviation, m, n, critical);
}

function shiftedPower(shift: number, m: number, n: number, critical: number): number {
  const h = shift / Math.SQRT2;
  const p1 = normalCdf(h);
  const spread = bothBelow(h) - p1 * p1; // p2 - p1^2
  const variance = m * n * (p1 * (1 - p1) + (m + n - 2) * spread);
  const distance = m * n * p1 - critical + 0.5;
  return variance > 0 ? normalCdf(distance / Math.sqrt(variance)) : distance > 0 ? 1 : 0;
}

/** Phi2(h, h; 1/2): that two normal variables with correlation 1/2 both lie below h (Owen 1956). */
export function bothBelow(h: number): number {
  return normalCdf(h) - 2 * owensT(h);
}

/**
 * Owen's T(h, 1 / sqrt 3) = 1 / (2 pi) times the integral of exp(-h^2 (1 + x^2) / 2) / (1 + x^2) from 0 to 1 / sqrt 3 (Owen
 * 1956), by Simpson's rule. Phi2(h, h; 1/2) = Phi(h) - 2 T(h, 1 / sqrt 3).
 */
function owensT(h: number): number {
  const steps = 64;
  const width = 1 / Math.sqrt(3) / steps;
  let sum = 0;
  for (let step = 0; step <= steps; step++) {
    const square = 1 + (step * width) ** 2;
    const weight = step === 0 || step === steps ? 1 : step % 2 === 1 ? 4 : 2;
    sum += (weight * Math.exp((-h * h * square) / 2)) / square;
  }
  return (sum * width) / 3 / (2 * Math.PI);
}

/**
 * Standard error of the Hodges-Lehmann shift between two samples of normal values with this deviation, for large samples:
 * deviation sqrt((1/m + 1/n) pi / 3), its efficiency beside the difference of means being 3 / pi (Hodges and Lehmann 1963).
 */
export function hodgesLehmannError(options: {
  readonly deviation: number;
  readonly sizes: readonly [number, number];
}): number {
  const [m, n] = checkSizes(options.sizes);
  return options.deviation * Math.sqrt((1 / m + 1 / n) * (Math.PI / 3));
}

/** The last critical values found: they are asked for again and again for samples of one size. */
const criticalValues = new Map<string, number | null>();

/** The smallest U whose one-sided p is below alpha; null when there is none. */
function criticalU(m: number, n: number, alpha: number): number | null {
  if (m + n > EXACT_UP_TO) {
    const sigma = Math.sqrt((m * n * (m + n + 1)) / 12);
    const u = Math.floor((m * n) / 2 + 0.5 + normalQuantile(1 - alpha) * sigma) + 1;
    return u <= m * n ? u : null;
  }
  const key = [m, n, alpha].join(' ');
  let found = criticalValues.get(key);
  if (found !== undefined) return found;
  const counts = uCounts(m, n);
  const all = counts.reduce((sum, count) => sum + count, 0);
  let above = 0;
  let u = m * n + 1;
  while (u > 0 && (above + (counts[u - 1] ?? 0)) / all < alpha) above += counts[--u] ?? 0;
  found = u > m * n ? null : u;
  if (criticalValues.size > 1000) criticalValues.clear();
  criticalValues.set(key, found);
  return found;
}

/**
 * The smallest shift that a one-sided Mann-Whitney test finds with the given power, in the unit of `deviation`: where
 * `mannWhitneyPower` reaches it. On logarithms exp(shift) - 1 is the detectable change.
 *
 * @param options `deviation` within a sample, 0 and up; `perSample` values in each, or the two sizes; one-sided `alpha`
 *   (halve it for a two-sided test); `power`, default 0.8
 * @returns Infinity when no data of these sizes can reach alpha, whatever the shift
 * @throws RangeError outside these ranges
 */
export function minimumDetectableEffect(options: {
  readonly deviation: number;
  readonly perSample: number | readonly [number, number];
  readonly alpha: number;
  readonly power?: number;
}): number {
  const { deviation, perSample, alpha, power = 0.8 } = options;
  const [m, n] = checkSizes(typeof perSample === 'number' ? [perSample, perSample] : perSample);
  checkDesign(deviation, alpha, power);
  const critical = criticalU(m, n, alpha);
  return critical === null ? Infinity : deviation * standardisedEffect(m, n, critical, power);
}

/** The shift, in deviations, at which the power is reached; the power rises with the shift. */
function standardisedEffect(m: number, n: number, critical: number, power: number): number {
  let [low, high] = [0, 1];
  while (shiftedPower(high, m, n, critical) < power && high < 64) [low, high] = [high, 2 * high];
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (shiftedPower(middle, m, n, critical) < power) low = middle;
    else high = middle;
  }
  return high;
}

/** More values than any session has; a search must end. */
const MOST_PER_SAMPLE = 2 ** 40;

/**
 * Values needed in each of two samples to detect `effect` with the given power: the inverse of `minimumDetectableEffect`.
 *
 * @param options as there, with `effect` above 0 in the unit of `deviation`
 * @returns Infinity beyond 2^40 values
 */
export function requiredPerSample(options: {
  readonly deviation: number;
  readonly effect: number;
  readonly alpha: number;
  readonly power?: number;
}): number {
  const { deviation, effect, alpha, power = 0.8 } = options;
  if (!(effect > 0)) throw new RangeError(`effect must be above 0; it is ${String(effect)}`);
  checkDesign(deviation, alpha, power);
  const enough = (n: number): boolean => {
    const critical = criticalU(n, n, alpha);
    if (critical === null) return false;
    return deviation === 0 || shiftedPower(effect / deviation, n, n, critical) >= power;
  };
  let [low, high] = [0, 1];
  while (!enough(high)) {
    if (high >= MOST_PER_SAMPLE) return Infinity;
    [low, high] = [high, 2 * high];
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function checkDesign(deviation: number, alpha: number, power: number): void {
  if (!(deviation >= 0 && Number.isFinite(deviation))) {
    throw new RangeError(`deviation must be 0 or more; it is ${String(deviation)}`);
  }
  checkFraction(alpha, 'alpha');
  checkFraction(power, 'power');
}

function checkSizes([m, n]: readonly [number, number]): readonly [number, number] {
  checkInteger(m, 'perSample', 1);
  checkInteger(n, 'perSample', 1);
  return [m, n];
}

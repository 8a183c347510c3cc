import { checkFraction, checkInteger } from './check.js';
import { smallestMannWhitneyPValue } from './mann-whitney.js';
import { normalQuantile } from './normal.js';
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

/** Asymptotic variance of the Hodges-Lehmann shift over that of the mean difference, for normal values: pi / 3. */
const HODGES_LEHMANN_VARIANCE = Math.PI / 3;

/**
 * The shift that a Mann-Whitney test of n against n values detects with the given power, in the unit of `deviation`, by the
 * normal approximation: (z(1 - alpha) + z(power)) * deviation * sqrt(2/n * pi/3) (Noether 1987; the efficiency of the test
 * is 3/pi for normal values). Slightly optimistic below about 10 values.
 *
 * @param options `deviation` within a sample, 0 and up; `perSample` values in each; one-sided `alpha` (halve it for a
 *   two-sided test); `power`, default 0.8
 * @throws RangeError outside these ranges
 */
export function minimumDetectableEffect(options: {
  readonly deviation: number;
  readonly perSample: number;
  readonly alpha: number;
  readonly power?: number;
}): number {
  const { deviation, perSample, alpha, power = 0.8 } = options;
  checkInteger(perSample, 'perSample', 1);
  return bothTails(deviation, alpha, power) * Math.sqrt((2 / perSample) * HODGES_LEHMANN_VARIANCE);
}

/**
 * Values needed in each of two samples to detect `effect` with the given power: the inverse of `minimumDetectableEffect`.
 *
 * @param options as there, with `effect` above 0 in the unit of `deviation`
 */
export function requiredPerSample(options: {
  readonly deviation: number;
  readonly effect: number;
  readonly alpha: number;
  readonly power?: number;
}): number {
  const { deviation, effect, alpha, power = 0.8 } = options;
  if (!(effect > 0)) throw new RangeError(`effect must be above 0; it is ${String(effect)}`);
  const ratio = bothTails(deviation, alpha, power) / effect;
  return Math.max(1, Math.ceil(2 * HODGES_LEHMANN_VARIANCE * ratio * ratio));
}

function bothTails(deviation: number, alpha: number, power: number): number {
  if (!(deviation >= 0)) throw new RangeError(`deviation must not be negative; it is ${String(deviation)}`);
  checkFraction(alpha, 'alpha');
  checkFraction(power, 'power');
  return (normalQuantile(1 - alpha) + normalQuantile(power)) * deviation;
}

import { sumNthPowerDeviations } from 'simple-statistics';

import { minimumDetectableEffect, minimumDetectablePairedEffect, normalQuantile } from '../stats/index.js';

/** Effects below `low` or above `high` are found with this probability, on the scale of the comparison. */
export interface Detectable {
  readonly low: number;
  readonly high: number;
  readonly power: number;
}

/** Probability with which a detectable effect is found. */
export const DETECTABLE_POWER = 0.8;

/**
 * The smallest effect that the two-sided Mann-Whitney test finds in four of five cases, with as many values and as much noise
 * as these samples have: `minimumDetectableEffect` with their pooled standard deviation.
 *
 * That deviation is an estimate with f = m + n - 2 degrees of freedom, and an effect computed from it would on average be found
 * less often than promised: it is made larger by (1 + z(power) (z(1 - alpha / 2) + z(power))) / (4 f), so that the mean power over
 * such estimates is right to first order (delta method: s / sigma has the mean 1 - 1 / (4 f) and the variance 1 / (2 f)).
 *
 * @param alpha two-sided level of the one test (of a family: its level over the number of tests, the harshest step of Holm)
 * @param scale 'ratio': values above 0, the deviation is that of their logarithms and the effect a ratio
 * @returns null when nothing could be found, or when one value each shows no noise
 */
export function detectableEffect(
  a: readonly number[],
  b: readonly number[],
  alpha: number,
  scale: 'ratio' | 'difference',
): Detectable | null {
  const freedom = a.length + b.length - 2;
  if (freedom < 1) return null;
  const onScale = (values: readonly number[]) => (scale === 'ratio' ? values.map(Math.log) : [...values]);
  const squares = sumNthPowerDeviations(onScale(a), 2) + sumNthPowerDeviations(onScale(b), 2);
  const effect = minimumDetectableEffect({
    deviation: allowance(freedom, alpha) * Math.sqrt(squares / freedom),
    perSample: [a.length, b.length],
    alpha: alpha / 2,
    power: DETECTABLE_POWER,
  });
  if (!Number.isFinite(effect)) return null;
  return scale === 'ratio'
    ? { low: Math.exp(-effect), high: Math.exp(effect), power: DETECTABLE_POWER }
    : { low: -effect, high: effect, power: DETECTABLE_POWER };
}

/**
 * The same for the two-sided signed-rank test on blocks.
 *
 * @param differences of logarithms, one a block
 */
export function detectableByBlocks(differences: readonly number[], alpha: number): Detectable | null {
  const freedom = differences.length - 1;
  if (freedom < 1) return null;
  const effect = minimumDetectablePairedEffect({
    deviation: allowance(freedom, alpha) * Math.sqrt(sumNthPowerDeviations([...differences], 2) / freedom),
    pairs: differences.length,
    alpha: alpha / 2,
    power: DETECTABLE_POWER,
  });
  return Number.isFinite(effect)
    ? { low: Math.exp(-effect), high: Math.exp(effect), power: DETECTABLE_POWER }
    : null;
}

/** What makes up for a standard deviation that is estimated with so many degrees of freedom: see `detectableEffect`. */
function allowance(freedom: number, alpha: number): number {
  const z = normalQuantile(DETECTABLE_POWER);
  return 1 + (1 + z * (normalQuantile(1 - alpha / 2) + z)) / (4 * freedom);
}

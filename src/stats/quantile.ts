import { checkValues } from './check.js';

/**
 * Sample quantile by linear interpolation between order statistics (Hyndman and Fan 1996, type 7: the default of R, NumPy
 * and spreadsheets).
 *
 * @param values at least one finite number, in any order; not changed
 * @param probability 0 (the minimum) to 1 (the maximum)
 * @throws TypeError or RangeError naming what is wrong
 */
export function quantile(values: ArrayLike<number>, probability: number): number {
  checkValues(values, 'values');
  if (!(probability >= 0 && probability <= 1)) {
    throw new RangeError(`probability must lie between 0 and 1; it is ${String(probability)}`);
  }
  return sortedQuantile(Float64Array.from(values).sort(), probability);
}

/** `quantile` of values that are checked and ascend. */
export function sortedQuantile(sorted: Float64Array, probability: number): number {
  const position = (sorted.length - 1) * probability;
  const below = Math.floor(position);
  const low = sorted[below] ?? NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? NaN;
  return low + (position - below) * (high - low);
}

/** The middle value, or the mean of the two middle values. */
export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

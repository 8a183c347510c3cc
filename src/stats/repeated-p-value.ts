import { checkValues } from './check.js';
import { groupSequential, type SpendingFunction } from './group-sequential.js';

/** Levels for which boundaries are found, ascending: four a decade. Between two of them logarithms are interpolated. */
const LEVELS = [...Array.from({ length: 48 }, (_, step) => 10 ** ((step - 48) / 4)), 0.99];

/**
 * A p-value that allows for having been looked at: the smallest level at which the stopping rule of these looks would have
 * rejected at one of them (Jennison and Turnbull 2000, ch. 9.3). Under the null hypothesis it is below a with a probability of
 * at most a, whichever of the looks is the last one, so that a correction for several comparisons may be applied to it.
 *
 * @param pValues two-sided, one for each look taken: the first looks of the design, in its order; none gives 1
 * @param design `looks` and `spending` as in `groupSequential`
 * @returns from 1e-12 (anything smaller is that) to 1; interpolated to about a thousandth of itself
 * @throws TypeError or RangeError naming what is wrong
 */
export function repeatedPValue(
  pValues: readonly number[],
  design: { readonly looks: readonly number[]; readonly spending?: SpendingFunction },
): number {
  if (pValues.length === 0) return 1;
  checkValues(pValues, 'pValues');
  if (pValues.length > design.looks.length) {
    throw new RangeError(
      `there are ${String(pValues.length)} p-values and ${String(design.looks.length)} looks`,
    );
  }
  const nominal = (level: number, look: number): number =>
    groupSequential({ ...design, alpha: LEVELS[level] ?? 1 })[look]?.nominalAlpha ?? 0;
  const crosses = (level: number): boolean => pValues.some((p, look) => p < nominal(level, look));
  let [low, high] = [-1, LEVELS.length];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (crosses(middle)) high = middle;
    else low = middle;
  }
  if (high === LEVELS.length) return 1;
  const upper = LEVELS[high] ?? 1;
  const lower = LEVELS[low];
  if (lower === undefined) return upper;
  return Math.min(
    upper,
    ...pValues.map((p, look) => {
      const [from, to] = [nominal(low, look), nominal(high, look)];
      if (p >= to || from <= 0) return upper;
      const share = (Math.log(p) - Math.log(from)) / (Math.log(to) - Math.log(from));
      return lower * (upper / lower) ** Math.min(1, Math.max(0, share));
    }),
  );
}

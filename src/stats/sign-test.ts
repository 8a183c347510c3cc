import { regularisedBeta } from './beta.js';
import { checkFraction, checkInteger, checkValues } from './check.js';
import { normalQuantile } from './normal.js';

export interface SignTest {
  readonly above: number;
  readonly below: number;
  /** Values that equal the reference: left out of the test. */
  readonly ties: number;
  /** Two-sided: min(1, 2 P(B >= max(above, below))), B binomial with probability 1/2. */
  readonly pValue: number;
  /** 2 / 2^n for n values that are no ties: what this many can give at best. */
  readonly smallestPValue: number;
}

/**
 * Sign test that the median of a population is a given number (Arbuthnott 1710; Conover, Practical Nonparametric Statistics, 3.4):
 * exact, and without any assumption about the shape of the distribution.
 *
 * @param values at least one
 * @param reference the median to test
 * @throws TypeError or RangeError naming the index of a value that is not a finite number
 */
export function signTest(values: readonly number[], reference: number): SignTest {
  checkValues(values, 'values');
  if (!Number.isFinite(reference)) throw new RangeError(`reference is ${String(reference)}`);
  const above = values.filter((value) => value > reference).length;
  const below = values.filter((value) => value < reference).length;
  const n = above + below;
  return {
    above,
    below,
    ties: values.length - n,
    pValue: n === 0 ? 1 : Math.min(1, 2 * upperTail(Math.max(above, below), n, 0.5)),
    smallestPValue: n === 0 ? 1 : Math.min(1, 2 ** (1 - n)),
  };
}

/**
 * How far the median of a normal population has to lie from the reference for the two-sided sign test to find it with a given
 * power: `deviation` times the normal quantile of the probability of being above at which P(B >= k) = power, k the fewest values
 * on one side that are significant. Infinity when so many values can show nothing.
 *
 * @param options `deviation` 0 and up; `trials` 1 and up; `alpha` two-sided; `power`, default 0.8
 * @throws RangeError outside these ranges
 */
export function signTestDetectable(options: {
  readonly deviation: number;
  readonly trials: number;
  readonly alpha: number;
  readonly power?: number;
}): number {
  const { deviation, trials, alpha, power = 0.8 } = options;
  checkInteger(trials, 'trials', 1);
  checkFraction(alpha, 'alpha');
  checkFraction(power, 'power');
  if (!(deviation >= 0 && Number.isFinite(deviation))) {
    throw new RangeError(`deviation must be 0 or more; it is ${String(deviation)}`);
  }
  let k = Math.floor(trials / 2) + 1;
  while (k <= trials && 2 * upperTail(k, trials, 0.5) >= alpha) k++;
  if (k > trials) return Infinity;
  let low = 0.5;
  let high = 1;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (upperTail(k, trials, middle) < power) low = middle;
    else high = middle;
  }
  return deviation * normalQuantile((low + high) / 2);
}

/** P(B >= k), B binomial. */
function upperTail(k: number, n: number, probability: number): number {
  return k <= 0 ? 1 : regularisedBeta(probability, k, n - k + 1);
}

import { checkInteger, checkValues } from './check.js';
import { regularisedGammaQ } from './gamma.js';

/** P(X >= statistic) for a chi-square variable: Q(degreesOfFreedom / 2, statistic / 2), Abramowitz and Stegun 26.4.19. */
export function chiSquareSurvival(statistic: number, degreesOfFreedom: number): number {
  if (!(degreesOfFreedom > 0)) {
    throw new RangeError(`degreesOfFreedom must be above 0; it is ${String(degreesOfFreedom)}`);
  }
  if (!(statistic >= 0)) throw new RangeError(`statistic must not be negative; it is ${String(statistic)}`);
  return regularisedGammaQ(degreesOfFreedom / 2, statistic / 2);
}

export interface ChiSquareTest {
  readonly statistic: number;
  readonly degreesOfFreedom: number;
  readonly pValue: number;
  /** The smallest expected count. Below about 5 the p-value is doubtful (Cochran 1954): merge cells. */
  readonly smallestExpected: number;
}

/**
 * Pearson's chi-square test of goodness of fit: sum of (observed - expected)^2 / expected (Pearson 1900).
 *
 * @param observed counts, 0 and up, at least two cells
 * @param expected counts above 0, as many, with the same sum (to 1e-8)
 * @param options `fitted`: parameters that were estimated from the same data, each takes one degree of freedom (default 0)
 * @throws TypeError or RangeError naming the cell, for anything else
 */
export function chiSquareTest(
  observed: ArrayLike<number>,
  expected: ArrayLike<number>,
  options: { readonly fitted?: number } = {},
): ChiSquareTest {
  const fitted = options.fitted ?? 0;
  checkInteger(fitted, 'fitted', 0);
  checkValues(observed, 'observed', 2);
  checkValues(expected, 'expected', 2);
  if (observed.length !== expected.length) {
    throw new RangeError(
      `observed has ${String(observed.length)} cells and expected has ${String(expected.length)}`,
    );
  }
  const degreesOfFreedom = observed.length - 1 - fitted;
  if (degreesOfFreedom < 1) throw new RangeError('no degree of freedom is left');
  let statistic = 0;
  let observedSum = 0;
  let expectedSum = 0;
  let smallestExpected = Infinity;
  for (let cell = 0; cell < observed.length; cell++) {
    const o = observed[cell] ?? NaN;
    const e = expected[cell] ?? NaN;
    if (o < 0) throw new RangeError(`observed[${String(cell)}] is negative`);
    if (e <= 0) throw new RangeError(`expected[${String(cell)}] is not above 0`);
    statistic += ((o - e) * (o - e)) / e;
    observedSum += o;
    expectedSum += e;
    smallestExpected = Math.min(smallestExpected, e);
  }
  if (Math.abs(observedSum - expectedSum) > 1e-8 * expectedSum) {
    throw new RangeError(
      `observed sums to ${String(observedSum)} and expected to ${String(expectedSum)}; they must agree`,
    );
  }
  return {
    statistic,
    degreesOfFreedom,
    pValue: chiSquareSurvival(statistic, degreesOfFreedom),
    smallestExpected,
  };
}

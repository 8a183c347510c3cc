import { studentTwoSided } from './beta.js';
import { checkFraction, checkInteger, checkValues } from './check.js';
import { chiSquareSurvival } from './chi-square.js';
import { normalQuantile } from './normal.js';
import { midranks } from './ranks.js';

/**
 * Sample autocorrelations r(1) … r(maxLag) of a series in order of time: r(k) = sum (x_t - m)(x_{t+k} - m) / sum (x_t - m)^2
 * (Box and Jenkins 1970, ch. 2). A constant series has none: all are 0.
 *
 * @param values at least maxLag + 2 finite numbers; not changed
 * @param maxLag 1 and up
 * @throws TypeError or RangeError naming what is wrong
 */
export function autocorrelations(values: ArrayLike<number>, maxLag: number): number[] {
  checkInteger(maxLag, 'maxLag', 1);
  checkValues(values, 'values', maxLag + 2);
  const n = values.length;
  const centred = Float64Array.from(values);
  // twice, so that a large common level leaves no rounding error behind; a constant series becomes all zeros
  for (let pass = 0; pass < 2; pass++) {
    const mean = centred.reduce((sum, value) => sum + value, 0) / n;
    for (let t = 0; t < n; t++) centred[t] = (centred[t] ?? 0) - mean;
  }
  let squares = 0;
  for (const value of centred) squares += value * value;
  return Array.from({ length: maxLag }, (_, index) => {
    if (squares === 0) return 0;
    const lag = index + 1;
    let products = 0;
    for (let t = 0; t + lag < n; t++) products += (centred[t] ?? 0) * (centred[t + lag] ?? 0);
    return products / squares;
  });
}

/**
 * The size that a sample autocorrelation of n independent values exceeds with probability 1 - confidence: z / sqrt(n)
 * (Bartlett 1946).
 *
 * @param n values in the series, 2 and up
 */
export function autocorrelationBound(n: number, options: { readonly confidence?: number } = {}): number {
  const { confidence = 0.95 } = options;
  checkInteger(n, 'n', 2);
  checkFraction(confidence, 'confidence');
  return normalQuantile((1 + confidence) / 2) / Math.sqrt(n);
}

/**
 * How many independent values a series of n is worth to a mean when neighbours correlate as in a first-order
 * autoregression: n (1 - r) / (1 + r), between 1 and n (Bayley and Hammersley 1946). A diagnostic, never a licence to test
 * the values of a series one by one.
 *
 * @param values at least 3 finite numbers in order of time
 */
export function effectiveSampleSize(values: ArrayLike<number>): number {
  const [r = 0] = autocorrelations(values, 1);
  return Math.min(values.length, Math.max(1, (values.length * (1 - r)) / (1 + r)));
}

export interface LjungBoxTest {
  readonly statistic: number;
  readonly degreesOfFreedom: number;
  readonly pValue: number;
  /** r(1) … r(lags). */
  readonly autocorrelations: readonly number[];
}

/**
 * Ljung-Box test that a series is white noise: Q = n (n + 2) sum r(k)^2 / (n - k), chi-square with as many degrees of freedom
 * as lags (Ljung and Box 1978, Biometrika 65). Asymptotic: keep the lags below about a fifth of n. A constant series gives
 * Q = 0 and p = 1.
 *
 * @param values at least lags + 2 finite numbers in order of time; not changed
 * @param options `lags` 1 and up, default min(10, floor(n / 5)) and at least 1; `fitted` parameters of a model whose
 *   residuals these are, each takes a degree of freedom (default 0)
 * @throws TypeError or RangeError naming what is wrong
 */
export function ljungBox(
  values: ArrayLike<number>,
  options: { readonly lags?: number; readonly fitted?: number } = {},
): LjungBoxTest {
  const n = values.length;
  const { lags = Math.max(1, Math.min(10, Math.floor(n / 5))), fitted = 0 } = options;
  checkInteger(fitted, 'fitted', 0);
  const coefficients = autocorrelations(values, lags);
  const degreesOfFreedom = lags - fitted;
  if (degreesOfFreedom < 1) throw new RangeError('no degree of freedom is left');
  const statistic = n * (n + 2) * coefficients.reduce((sum, r, index) => sum + (r * r) / (n - index - 1), 0);
  return {
    statistic,
    degreesOfFreedom,
    pValue: chiSquareSurvival(statistic, degreesOfFreedom),
    autocorrelations: coefficients,
  };
}

export interface LagCorrelation {
  /** Spearman's rank correlation of each value with the one `lag` places later, -1 to 1. */
  readonly coefficient: number;
  readonly pValue: number;
  readonly lag: number;
}

/**
 * Spearman rank correlation of a series with itself `lag` places later; unlike the autocorrelation it is not moved by a
 * single outlier. p from Student's t with pairs - 2 degrees of freedom, t = r sqrt((pairs - 2) / (1 - r^2)) (Kendall and
 * Stuart, vol. 2, ch. 31; the same as SciPy's spearmanr). A constant series gives 0 and p = 1.
 *
 * @param values at least lag + 3 finite numbers in order of time; not changed
 * @param lag 1 and up, default 1
 * @throws TypeError or RangeError naming what is wrong
 */
export function lagCorrelation(values: ArrayLike<number>, lag = 1): LagCorrelation {
  checkInteger(lag, 'lag', 1);
  checkValues(values, 'values', lag + 3);
  const series = Float64Array.from(values);
  const pairs = series.length - lag;
  const coefficient = correlation(midranks(series.subarray(0, pairs)), midranks(series.subarray(lag)));
  const rest = 1 - coefficient * coefficient;
  const t = rest <= 0 ? Infinity : coefficient * Math.sqrt((pairs - 2) / rest);
  return { coefficient, pValue: studentTwoSided(t, pairs - 2), lag };
}

/** Pearson's correlation; 0 where one side is constant. */
function correlation(a: Float64Array, b: Float64Array): number {
  const n = a.length;
  const meanA = a.reduce((sum, value) => sum + value, 0) / n;
  const meanB = b.reduce((sum, value) => sum + value, 0) / n;
  let products = 0;
  let squaresA = 0;
  let squaresB = 0;
  for (let i = 0; i < n; i++) {
    const [da, db] = [(a[i] ?? 0) - meanA, (b[i] ?? 0) - meanB];
    products += da * db;
    squaresA += da * da;
    squaresB += db * db;
  }
  if (squaresA === 0 || squaresB === 0) return 0;
  return Math.max(-1, Math.min(1, products / Math.sqrt(squaresA * squaresB)));
}

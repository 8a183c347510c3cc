import { checkValues } from './check.js';

/**
 * The one-sample Kolmogorov-Smirnov statistic: the largest distance between the empirical distribution of the sample and
 * `cdf` (Kolmogorov 1933). Exact for continuous and, with `cdfBefore`, for discrete distributions.
 *
 * @param sample at least one finite number, in any order; not changed
 * @param cdf P(X <= x)
 * @param cdfBefore P(X < x); needed when the distribution has atoms, by default the same as `cdf`
 * @returns between 0 and 1
 * @throws TypeError or RangeError naming the entry, for an empty or not finite sample
 */
export function kolmogorovSmirnov(
  sample: ArrayLike<number>,
  cdf: (x: number) => number,
  cdfBefore: (x: number) => number = cdf,
): number {
  checkValues(sample, 'sample');
  const sorted = Float64Array.from(sample).sort();
  const n = sorted.length;
  let distance = 0;
  for (let start = 0; start < n;) {
    const x = sorted[start] ?? NaN;
    let end = start + 1;
    while (end < n && sorted[end] === x) end++;
    distance = Math.max(distance, Math.abs(end / n - cdf(x)), Math.abs(start / n - cdfBefore(x)));
    start = end;
  }
  return distance;
}

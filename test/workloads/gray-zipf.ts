import type { RandomSource } from '../../src/support/random.js';

/**
 * Negative control: the approximate Zipf generator of J. Gray et al., "Quickly generating billion-record synthetic
 * databases" (SIGMOD 1994), which YCSB made popular. Only its first two ranks have the right probability. It lives here to
 * show that the goodness-of-fit test can tell; never use it for a workload.
 */
export function createGrayZipf(ranks: number, exponent: number, random: RandomSource): () => number {
  const zeta = (n: number): number => {
    let sum = 0;
    for (let rank = 1; rank <= n; rank++) sum += rank ** -exponent;
    return sum;
  };
  const zetaN = zeta(ranks);
  const alpha = 1 / (1 - exponent);
  const eta = (1 - (2 / ranks) ** (1 - exponent)) / (1 - zeta(2) / zetaN);
  return () => {
    const u = random.nextDouble();
    if (u * zetaN < 1) return 0;
    if (u * zetaN < 1 + 0.5 ** exponent) return 1;
    return Math.floor(ranks * (eta * u - eta + 1) ** alpha);
  };
}

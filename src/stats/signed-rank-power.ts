import { checkFraction, checkInteger } from './check.js';
import { EXACT_UP_TO } from './mann-whitney.js';
import { normalCdf, normalQuantile } from './normal.js';
import { bothBelow } from './power.js';
import { doubledSignedRankCounts } from './rank-sum-distribution.js';

/** A design of n pairs; see `signedRankPower`. */
export interface PairedDesign {
  /** Standard deviation of the differences, above 0. */
  readonly deviation: number;
  /** Pairs (blocks), 1 and up. */
  readonly pairs: number;
  /** One-sided level; halve it for a two-sided test. */
  readonly alpha: number;
}

/**
 * Power of the one-sided signed-rank test against normal differences with mean `shift`: P(V >= c), c the critical value of the
 * test as `wilcoxonSignedRank` makes it (exact up to 60 pairs), V taken as normal with the mean and the variance that it has
 * under that shift (Lehmann 1975, ch. 4.2): with h = shift / deviation, p = Phi(h), p1 = Phi(h sqrt 2) and
 * p2 = Phi2(h sqrt 2, h sqrt 2; 1/2), mean = n p + n (n - 1) p1 / 2, variance = n p (1 - p) +
 * n (n - 1) (2 (p - p1)^2 + 3 p1 (1 - p1)) / 2 + n (n - 1)(n - 2)(p2 - p1^2).
 *
 * @param options `shift` 0 and up in the unit of `deviation`
 * @returns 0 when no data of so many pairs can reach alpha
 * @throws RangeError outside these ranges
 */
export function signedRankPower(options: PairedDesign & { readonly shift: number }): number {
  const { shift, deviation, pairs, alpha } = options;
  if (!(shift >= 0)) throw new RangeError(`shift must not be negative; it is ${String(shift)}`);
  if (!(deviation > 0)) throw new RangeError(`deviation must be above 0; it is ${String(deviation)}`);
  checkInteger(pairs, 'pairs', 1);
  checkFraction(alpha, 'alpha');
  const critical = criticalV(pairs, alpha);
  return critical === null ? 0 : powerAt(shift / deviation, pairs, critical);
}

/**
 * The smallest shift that a one-sided signed-rank test finds with the given power, in the unit of `deviation`: where
 * `signedRankPower` reaches it.
 *
 * @param options `deviation` 0 and up; `power` default 0.8
 * @returns Infinity when no data of so many pairs can reach alpha
 * @throws RangeError outside these ranges
 */
export function minimumDetectablePairedEffect(options: PairedDesign & { readonly power?: number }): number {
  const { deviation, pairs, alpha, power = 0.8 } = options;
  if (!(deviation >= 0 && Number.isFinite(deviation))) {
    throw new RangeError(`deviation must be 0 or more; it is ${String(deviation)}`);
  }
  checkInteger(pairs, 'pairs', 1);
  checkFraction(alpha, 'alpha');
  checkFraction(power, 'power');
  const critical = criticalV(pairs, alpha);
  if (critical === null) return Infinity;
  let [low, high] = [0, 1];
  while (powerAt(high, pairs, critical) < power && high < 64) [low, high] = [high, 2 * high];
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (powerAt(middle, pairs, critical) < power) low = middle;
    else high = middle;
  }
  return deviation * high;
}

function powerAt(h: number, n: number, critical: number): number {
  const p = normalCdf(h);
  const p1 = normalCdf(h * Math.SQRT2);
  const p2 = bothBelow(h * Math.SQRT2);
  const mean = n * p + (n * (n - 1) * p1) / 2;
  const variance =
    n * p * (1 - p) +
    (n * (n - 1) * (2 * (p - p1) ** 2 + 3 * p1 * (1 - p1))) / 2 +
    n * (n - 1) * (n - 2) * (p2 - p1 * p1);
  const distance = mean - critical + 0.5;
  return variance > 0 ? normalCdf(distance / Math.sqrt(variance)) : distance > 0 ? 1 : 0;
}

/** The last critical values found: they are asked for again and again for as many pairs. */
const criticalValues = new Map<string, number | null>();

/** The smallest V whose one-sided p is below alpha; null when there is none. */
function criticalV(n: number, alpha: number): number | null {
  const most = (n * (n + 1)) / 2;
  if (n > EXACT_UP_TO) {
    const sigma = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24);
    const v = Math.floor(most / 2 + 0.5 + normalQuantile(1 - alpha) * sigma) + 1;
    return v <= most ? v : null;
  }
  const key = [n, alpha].join(' ');
  let found = criticalValues.get(key);
  if (found !== undefined) return found;
  const counts = doubledSignedRankCounts(Float64Array.from({ length: n }, (_, rank) => 2 * (rank + 1)));
  let above = 0;
  let v = most + 1;
  while (v > 0 && (above + (counts[2 * (v - 1)] ?? 0)) / 2 ** n < alpha) above += counts[2 * --v] ?? 0;
  found = v > most ? null : v;
  if (criticalValues.size > 1000) criticalValues.clear();
  criticalValues.set(key, found);
  return found;
}

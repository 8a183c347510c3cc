import { checkValues } from './check.js';
import { poolRanks } from './ranks.js';

/**
 * Cliff's delta: P(X > Y) - P(X < Y) over all pairs, from -1 (every x below every y) to 1 (Cliff 1993); 2 U_x / (mn) - 1.
 *
 * @throws TypeError or RangeError naming the sample and the index: not a number, NaN, infinite, empty
 */
export function cliffsDelta(x: ArrayLike<number>, y: ArrayLike<number>): number {
  checkValues(x, 'x');
  checkValues(y, 'y');
  const m = x.length;
  return (poolRanks(x, y).doubledRankSum - m * (m + 1)) / (m * y.length) - 1;
}

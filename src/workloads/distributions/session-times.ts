import type { RandomSource } from '../../support/random.js';
import { float64At } from '../typed-array.js';
import { portableLog } from './portable-math.js';

/**
 * Cells in which the intensity counts as constant. For intensities that vary over a tenth of a session or slower, the
 * distribution function is then off by less than 1e-6, which no test can see below 1e11 arrivals.
 */
export const SESSION_CELLS = 4096;
const TWO_POW_MINUS_32 = 2.3283064365386963e-10;

/**
 * Arrival times of a Poisson process whose intensity varies over a session, given that `count` requests arrive: sorted
 * independent draws from the density proportional to the intensity (Lewis and Shedler, "Simulation of nonhomogeneous
 * Poisson processes by thinning", 1979, section 2). Sorted uniforms come from exponential spacings, in one pass and without
 * sorting (Devroye, Non-Uniform Random Variate Generation, 1986, V.3.1).
 *
 * @param count number of arrivals, 0 and up
 * @param sessionNs length of the session in nanoseconds
 * @param intensity relative intensity at a fraction of the session in [0, 1], ≥ 0, not 0 everywhere; its scale has no
 *   effect. Use `portable-math.ts` in it
 * @returns whole nanoseconds in [0, sessionNs], ascending
 */
export function sampleSessionTimes(
  count: number,
  sessionNs: number,
  intensity: (fraction: number) => number,
  random: RandomSource,
): Float64Array {
  const times = new Float64Array(count);
  // 32 bits are enough for a spacing: the shortest is then 1e-10 of the mean, the longest 22 means.
  const exponential = (): number => -portableLog((random.nextUint32() + 0.5) * TWO_POW_MINUS_32);
  let sum = 0;
  for (let index = 0; index < count; index++) {
    sum += exponential();
    times[index] = sum;
  }
  sum += exponential();

  const cumulative = new Float64Array(SESSION_CELLS + 1);
  for (let cell = 0; cell < SESSION_CELLS; cell++) {
    cumulative[cell + 1] = float64At(cumulative, cell) + intensity((cell + 0.5) / SESSION_CELLS);
  }
  const scale = float64At(cumulative, SESSION_CELLS) / sum;
  const cellNs = sessionNs / SESSION_CELLS;
  let cell = -1;
  let above = 0;
  let startNs = 0;
  let nsPerArea = 0;
  let below = 0;
  for (let index = 0; index < count; index++) {
    const target = float64At(times, index) * scale;
    while (target > above && cell < SESSION_CELLS - 1) {
      cell++;
      below = above;
      above = float64At(cumulative, cell + 1);
      startNs = cell * cellNs;
      nsPerArea = cellNs / (above - below);
    }
    times[index] = Math.floor(Math.min(startNs + (target - below) * nsPerArea, sessionNs));
  }
  return times;
}

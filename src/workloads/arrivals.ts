import { createRandom } from '../support/random.js';
import { portableLog } from './distributions/portable-math.js';
import { float64At } from './typed-array.js';

/** When requests fall due: evenly spaced, at random, or as the workload's own schedule says. */
export type ArrivalProcess = 'constant' | 'poisson' | 'schedule';

export const arrivalProcesses: readonly ArrivalProcess[] = ['constant', 'poisson', 'schedule'];

/** Intended starts of the requests of a stream. After `periodNs` they begin again. */
export interface Arrivals {
  /** One for each request, nanoseconds from the start of the session, ascending. */
  readonly dueNs: Float64Array;
  /** Length of one pass: request r of pass k is due at k·periodNs + dueNs[r]. Not below the last of `dueNs`. */
  readonly periodNs: number;
}

/** Keeps the gaps apart from other uses of the same seed. */
const GAPS_STREAM = 0xa2217a15;
const TWO_POW_MINUS_32 = 2.3283064365386963e-10;

/**
 * Evenly spaced arrivals; the first is one gap after the start.
 *
 * @param requests number of arrivals, 1 and up
 * @param requestsPerSecond above 0
 */
export function constantArrivals(requests: number, requestsPerSecond: number): Arrivals {
  const gapNs = 1e9 / requestsPerSecond;
  const dueNs = Float64Array.from({ length: requests }, (_, request) => Math.round((request + 1) * gapNs));
  return { dueNs, periodNs: Math.max(1, Math.round(requests * gapNs)) };
}

/**
 * A Poisson process: independent exponential gaps, by inversion of the distribution function (Devroye, Non-Uniform Random
 * Variate Generation, 1986, II.2). The mean rate of one pass differs from the asked one by chance, with a standard deviation
 * of 1/√requests.
 *
 * @param requests number of arrivals, 1 and up
 * @param requestsPerSecond above 0
 * @param seed any unsigned 32-bit integer: same seed, same arrivals, on every machine
 */
export function poissonArrivals(requests: number, requestsPerSecond: number, seed: number): Arrivals {
  const random = createRandom(seed, GAPS_STREAM);
  const gapNs = 1e9 / requestsPerSecond;
  const dueNs = new Float64Array(requests);
  let sumNs = 0;
  for (let request = 0; request < requests; request++) {
    sumNs -= portableLog((random.nextUint32() + 0.5) * TWO_POW_MINUS_32) * gapNs;
    dueNs[request] = Math.round(sumNs);
  }
  return { dueNs, periodNs: Math.max(1, Math.round(sumNs)) };
}

/**
 * A workload's own schedule, so much faster. One mean gap lies between the last arrival and the beginning of the next pass.
 *
 * @param scheduleNs ascending, at least one entry
 * @param timeScale above 0; 2 lets everything fall due in half the time
 */
export function scheduledArrivals(scheduleNs: Float64Array, timeScale: number): Arrivals {
  const dueNs = scheduleNs.map((due) => Math.round(due / timeScale));
  const lastNs = float64At(dueNs, dueNs.length - 1);
  return { dueNs, periodNs: Math.max(1, Math.round(lastNs + lastNs / dueNs.length)) };
}

/** Factor by which a schedule must be hastened to have this mean rate. @param requestsPerSecond above 0 */
export function timeScaleFor(scheduleNs: Float64Array, requestsPerSecond: number): number {
  const { periodNs } = scheduledArrivals(scheduleNs, 1);
  return requestsPerSecond / ((scheduleNs.length * 1e9) / periodNs);
}

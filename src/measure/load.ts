import { BenchError } from '../errors.js';
import type { Plan } from '../results/schema.js';
import {
  constantArrivals,
  poissonArrivals,
  scheduledArrivals,
  timeScaleFor,
  type ArrivalProcess,
  type Arrivals,
} from '../workloads/arrivals.js';
import type { OperationStream } from '../workloads/workload.js';

/** Open-loop driving as asked for: what falls due when, and what is done with requests that cannot be sent then. */
export interface OpenLoopRequest {
  readonly arrivals: ArrivalProcess;
  /** Operations a second; null lets a schedule run at its own pace. */
  readonly ratePerSecond: number | null;
  /** How many times faster a schedule runs; 1 unless `arrivals` is 'schedule'. */
  readonly timeScale: number;
  /** Requests in flight on each connection, 1 and up; what falls due beyond waits. */
  readonly maxInFlight: number;
}

/** A request that starts later than this after its intended start counts as late. */
export const LATE_AFTER_MS = 1;

/**
 * After the end of a window the requests that fell due inside it are still sent for this long; the rest is dropped. An
 * engine that was held up and recovers is so measured in full, and one that cannot keep up does not hold the run up.
 */
export const DRAIN_MS = 1_000;

/** A rate above this has less than a nanosecond between two operations. */
export const MAX_RATE_PER_SECOND = 1e9;

/**
 * The intended starts of a stream's requests.
 *
 * @throws BenchError USAGE for a schedule that the workload does not have
 */
export function planArrivals(
  load: NonNullable<Plan['openLoop']>,
  caseId: string,
  stream: OperationStream,
  seed: number,
): Arrivals {
  const requests = stream.requestStart.length - 1;
  const operations = stream.kind.length;
  const requestsPerSecond =
    load.ratePerSecond === null ? null : (load.ratePerSecond * requests) / Math.max(1, operations);
  if (load.arrivals === 'schedule') {
    if (stream.dueNs === null) {
      throw new BenchError('USAGE', `${caseId} has no schedule of its own.`, {
        hint: 'Give --rate <operations per second>, with --arrivals constant or poisson.',
      });
    }
    const scale = requestsPerSecond === null ? load.timeScale : timeScaleFor(stream.dueNs, requestsPerSecond);
    return scheduledArrivals(stream.dueNs, scale);
  }
  if (requestsPerSecond === null)
    throw new BenchError('USAGE', 'Open loop needs a rate: --rate <operations/s>.');
  return load.arrivals === 'constant'
    ? constantArrivals(requests, requestsPerSecond)
    : poissonArrivals(requests, requestsPerSecond, seed);
}

import type { Arrivals } from '../workloads/arrivals.js';
import type { OperationStream } from '../workloads/workload.js';
import { present } from './present.js';
import { laneOfRequest, requestsOfLane } from './program.js';

/** When the requests of one worker fall due. Times in milliseconds from the start of a pass, ascending. */
export interface WorkerArrivals {
  /** All of them, in order: the intended start, the lane (counted within the worker) and the operations of each. */
  readonly dueMs: Float64Array;
  readonly lane: Uint32Array;
  readonly size: Uint32Array;
  /** Intended starts of each lane's requests, in the order of its program. */
  readonly laneDueMs: readonly Float64Array[];
  /** Length of one pass over the whole stream. */
  readonly periodMs: number;
}

/**
 * The share of one worker in the arrivals of a stream, dealt to its lanes as `prepareLane` deals the requests.
 *
 * @param firstLane of the worker, of `lanes` in all
 * @param rateFactor how many times faster than `arrivals` says; above 0
 */
export function arrivalsOfWorker(
  stream: OperationStream,
  arrivals: Arrivals,
  lanes: number,
  firstLane: number,
  connections: number,
  rateFactor: number,
): WorkerArrivals {
  const { requestStart } = stream;
  const requests = requestStart.length - 1;
  const dueOf = (request: number): number => present(arrivals.dueNs[request]) / rateFactor / 1e6;
  const laneDueMs = Array.from({ length: connections }, (_, index) =>
    Float64Array.from(requestsOfLane(requests, lanes, firstLane + index), dueOf),
  );
  const count = laneDueMs.reduce((sum, { length }) => sum + length, 0);
  const dueMs = new Float64Array(count);
  const lane = new Uint32Array(count);
  const size = new Uint32Array(count);
  let at = 0;
  for (let request = 0; request < requests; request++) {
    const index = laneOfRequest(request, lanes) - firstLane;
    if (index < 0 || index >= connections) continue;
    dueMs[at] = dueOf(request);
    lane[at] = index;
    size[at] = present(requestStart[request + 1]) - present(requestStart[request]);
    at++;
  }
  return { dueMs, lane, size, laneDueMs, periodMs: arrivals.periodNs / rateFactor / 1e6 };
}

/** A place in arrivals that repeat: pass k begins at k·periodMs. */
export interface Place {
  readonly pass: number;
  readonly index: number;
}

/** The first arrival at or after a time, which may lie before the start of the session. */
export function seek(dueMs: Float64Array, periodMs: number, timeMs: number): Place {
  const pass = Math.floor(timeMs / periodMs);
  const within = timeMs - pass * periodMs;
  let low = 0;
  let high = dueMs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (present(dueMs[middle]) < within) low = middle + 1;
    else high = middle;
  }
  return low === dueMs.length ? { pass: pass + 1, index: 0 } : { pass, index: low };
}

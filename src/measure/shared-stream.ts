import type { Arrivals } from '../workloads/arrivals.js';
import type { OperationStream } from '../workloads/workload.js';

/** A stream whose arrays lie in shared memory: handing it to a thread copies nothing. */
export type SharedStream = OperationStream;

/** Copies a stream to shared memory, once for all workers. */
export function shareStream(stream: OperationStream): SharedStream {
  return {
    kind: shareBytes(stream.kind),
    keyIndex: shareWords(stream.keyIndex),
    version: shareWords(stream.version),
    requestStart: shareWords(stream.requestStart),
    dueNs: null, // closed-loop driving knows no schedule, and open-loop driving has arrivals
    prefetchRequest: stream.prefetchRequest === null ? null : shareWords(stream.prefetchRequest),
  };
}

/** Copies arrivals to shared memory. */
export function shareArrivals({ dueNs, periodNs }: Arrivals): Arrivals {
  const shared = new Float64Array(new SharedArrayBuffer(dueNs.byteLength));
  shared.set(dueNs);
  return { dueNs: shared, periodNs };
}

function shareBytes(array: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(array.byteLength));
  shared.set(array);
  return shared;
}

function shareWords(array: Uint32Array): Uint32Array {
  const shared = new Uint32Array(new SharedArrayBuffer(array.byteLength));
  shared.set(array);
  return shared;
}

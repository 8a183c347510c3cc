import { BenchError } from '../errors.js';
import { NO_PREFETCH, OperationKind, type KeySpace, type OperationStream } from '../workloads/workload.js';
import { present } from './present.js';

/** How a request is sent: the first four are single commands and equal `OperationKind`. */
export const RequestShape = {
  get: OperationKind.get,
  put: OperationKind.put,
  delete: OperationKind.delete,
  increment: OperationKind.increment,
  mget: 4,
  mput: 5,
} as const;

/**
 * What one lane asks, in order, ready to be sent: nothing is made from the stream inside a window. Structure of arrays with
 * one entry a request; its memory is bounded by the stream, however often the lane starts again at its beginning.
 */
export interface LaneProgram {
  /** Index of the lane among all lanes of all workers. */
  readonly lane: number;
  readonly requests: number;
  /** `RequestShape` of each request. */
  readonly shape: Uint8Array;
  /** First operation of each request in the stream, and how many there are. */
  readonly firstOperation: Uint32Array;
  readonly size: Uint32Array;
  /** Largest `size`. */
  readonly largestRequest: number;
  /** Key and value of single commands; empty strings elsewhere. */
  readonly key: readonly string[];
  readonly value: readonly string[];
  /** Keys and values of batches; one shared empty array elsewhere. */
  readonly batchKeys: readonly (readonly string[])[];
  readonly batchValues: readonly (readonly string[])[];
  /** Keys that each request announces, null for none; null when the whole lane announces nothing. */
  readonly prefetch: readonly (readonly string[] | null)[] | null;
}

const NONE: readonly string[] = [];

/**
 * The requests of a lane, ascending. Requests are dealt in rounds, one to each lane, and each round begins one lane further
 * on: in plain round-robin a stream that alternates reads and writes would give an even number of lanes one kind each.
 */
export function requestsOfLane(requests: number, lanes: number, lane: number): Uint32Array {
  const dealt: number[] = [];
  for (let round = 0; round * lanes < requests; round++) {
    const request = round * lanes + ((((lane - round) % lanes) + lanes) % lanes);
    if (request < requests) dealt.push(request);
  }
  return Uint32Array.from(dealt);
}

/** The lane that `requestsOfLane` deals a request to. */
export function laneOfRequest(request: number, lanes: number): number {
  return (request + Math.floor(request / lanes)) % lanes;
}

/**
 * Strings of a key space as the engines get them. Each is made once and shared by all requests that name it, and each is
 * flat: a string built by concatenation is a tree until its first use, and whichever engine came first would pay for that.
 */
export class KeyStrings {
  readonly #keySpace: KeySpace;
  readonly #keys: (string | undefined)[];

  constructor(keySpace: KeySpace) {
    this.#keySpace = keySpace;
    this.#keys = new Array<string | undefined>(keySpace.size);
  }

  key(index: number): string {
    return (this.#keys[index] ??= flat(this.#keySpace.key(index)));
  }

  value(index: number, version: number): string {
    return flat(this.#keySpace.value(index, version));
  }
}

/** Printable ASCII through bytes and back gives a sequential one-byte string. */
function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

/**
 * Prepares the requests of one lane.
 *
 * @throws BenchError USAGE for a stream that no driver can send: mixed kinds in a request, batches of deletes or increments
 */
export function prepareLane(
  stream: OperationStream,
  strings: KeyStrings,
  lanes: number,
  lane: number,
): LaneProgram {
  const dealt = requestsOfLane(stream.requestStart.length - 1, lanes, lane);
  const requests = dealt.length;
  const shape = new Uint8Array(requests);
  const firstOperation = new Uint32Array(requests);
  const size = new Uint32Array(requests);
  const key = new Array<string>(requests).fill('');
  const value = new Array<string>(requests).fill('');
  const batchKeys = new Array<readonly string[]>(requests).fill(NONE);
  const batchValues = new Array<readonly string[]>(requests).fill(NONE);
  const prefetch =
    stream.prefetchRequest === null ? null : new Array<readonly string[] | null>(requests).fill(null);
  let largestRequest = 0;

  const keysOf = (request: number): string[] => {
    const keys: string[] = [];
    for (let at = start(stream, request); at < start(stream, request + 1); at++) {
      keys.push(strings.key(present(stream.keyIndex[at])));
    }
    return keys;
  };
  for (const [position, request] of dealt.entries()) {
    const first = start(stream, request);
    const count = start(stream, request + 1) - first;
    shape[position] = shapeOf(stream, request, first, count);
    firstOperation[position] = first;
    size[position] = count;
    largestRequest = Math.max(largestRequest, count);
    const valueAt = (at: number): string =>
      strings.value(present(stream.keyIndex[at]), present(stream.version[at]));
    const isPut = stream.kind[first] === OperationKind.put;
    if (count === 1) {
      key[position] = strings.key(present(stream.keyIndex[first]));
      if (isPut) value[position] = valueAt(first);
    } else {
      batchKeys[position] = keysOf(request);
      if (isPut) batchValues[position] = Array.from({ length: count }, (_, i) => valueAt(first + i));
    }
    const announced = stream.prefetchRequest?.[request] ?? NO_PREFETCH;
    if (prefetch !== null && announced !== NO_PREFETCH) prefetch[position] = keysOf(announced);
  }
  return {
    ...{ lane, requests, shape, firstOperation, size, largestRequest },
    ...{ key, value, batchKeys, batchValues, prefetch },
  };
}

function start(stream: OperationStream, request: number): number {
  return present(stream.requestStart[request]);
}

function shapeOf(stream: OperationStream, request: number, first: number, count: number): number {
  const kind = stream.kind[first];
  if (count < 1 || kind === undefined) throw unsendable(request, 'is empty');
  if (count === 1) return kind;
  for (let at = first + 1; at < first + count; at++) {
    if (stream.kind[at] !== kind) throw unsendable(request, 'mixes kinds of operation');
  }
  if (kind === OperationKind.get) return RequestShape.mget;
  if (kind === OperationKind.put) return RequestShape.mput;
  throw unsendable(request, 'is a batch of deletes or increments, which no engine session has');
}

function unsendable(request: number, why: string): BenchError {
  return new BenchError(
    'USAGE',
    `The workload's stream cannot be driven: request ${String(request)} ${why}.`,
  );
}

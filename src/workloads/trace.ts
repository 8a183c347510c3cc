import { Lru } from '../cachesim/lru.js';
import { BenchError } from '../errors.js';
import { terminalSafe } from '../support/escape.js';
import { float64At, uint32At, uint8At } from '../support/typed-array.js';
import { AccessKind, skewSentence, type LoadedTrace } from '../traces/index.js';
import { valueBytesParameter } from './common-parameters.js';
import { createUniform } from './distributions/uniform.js';
import { fillerKeySpace, SMALLEST_FILLER_VALUE_BYTES } from './key-spaces/filler.js';
import { indexWidth, zeroPadded } from './key-spaces/text.js';
import { numberParameter } from './parameters.js';
import { randomFor } from './random-streams.js';
import { StreamBuilder } from './stream-builder.js';
import {
  OperationKind,
  type KeySpace,
  type OperationStream,
  type Parameters,
  type Workload,
} from './workload.js';

const MAX_LOADED_BYTES = 64 * 2 ** 30;
/** Each worker makes the values of its puts before a window begins. */
const MAX_PUT_BYTES = 4 * 2 ** 30;

/**
 * A recorded trace, replayed. What it says of reading and writing is done. Of traces that name keys alone a cache in front of
 * a slower store is played (read-through): each request reads its keys, and what an LRU cache of a given size would not
 * have held is then put. Traces of arrivals alone say when, and uniform random keys are read.
 */
export const trace: Workload = {
  name: 'trace',
  summary: 'A recorded trace, replayed: --file names it',
  derivedFrom: 'Measured: a recorded trace; the result names its file and SHA-256',
  input: 'trace',
  parameters: [
    {
      ...valueBytesParameter(100),
      description: 'Size of the values of which the trace tells no size',
    },
    {
      name: 'largestValueBytes',
      description: 'Sizes of the trace beyond this one are cut to it',
      kind: 'integer',
      unit: 'bytes',
      minimum: SMALLEST_FILLER_VALUE_BYTES,
      maximum: 1_048_576,
      default: 65_536,
    },
    {
      name: 'cacheShare',
      description:
        'Where the trace names keys alone: share of them that an LRU cache holds; a get that it misses is followed by a put',
      kind: 'number',
      unit: 'fraction',
      minimum: 0,
      maximum: 1,
      default: 1,
    },
    {
      name: 'arrivalKeys',
      description: 'Where the trace names no keys: size of the key space, read uniformly at random',
      kind: 'integer',
      unit: 'keys',
      minimum: 1,
      maximum: 10_000_000,
      default: 10_000,
    },
  ],
  cases: (parameters, input) => {
    if (input === undefined) {
      throw new BenchError('USAGE', 'The workload trace replays a file: give it with --file.', {
        hint: 'For example predis-bench run trace --file web07.trace.br; docs/traces.md shows the formats.',
      });
    }
    const keySpace = keySpaceOf(input, parameters);
    return [
      {
        id: 'trace',
        label: `replay of ${terminalSafe(input.facts.file, 100)}`,
        derivedFrom: describe(input),
        keySpace,
        generate: (seed) =>
          input.facts.keys === 0
            ? arrivals(input, keySpace.size, seed)
            : replay(input, keySpace, numberParameter(parameters, 'cacheShare')),
      },
    ];
  },
};

function describe({ facts }: LoadedTrace): string {
  const taken = `${facts.complete ? 'all' : 'the first'} ${String(facts.accesses)} accesses`;
  return (
    `Measured: the trace ${terminalSafe(facts.file, 100)} (${facts.format}, SHA-256 ${facts.sha256}), ${taken} to ` +
    `${String(facts.keys)} keys in ${String(facts.requests)} requests` +
    (facts.skew === null ? '' : `; ${skewSentence(facts.skew)}`)
  );
}

function keySpaceOf(input: LoadedTrace, parameters: Parameters): KeySpace {
  const { keyText, keyOffset, keyValueBytes, facts } = input;
  const told = numberParameter(parameters, 'valueBytes');
  if (facts.keys === 0) {
    const size = numberParameter(parameters, 'arrivalKeys');
    const width = indexWidth(size);
    refuseTooLarge(size * told);
    return fillerKeySpace({ size, valueBytes: told, key: (index) => `key:${zeroPadded(index, width)}` });
  }
  const text = Buffer.from(keyText.buffer, keyText.byteOffset, keyText.byteLength);
  const key = (index: number): string =>
    text.toString('latin1', uint32At(keyOffset, index), uint32At(keyOffset, index + 1));
  if (keyValueBytes === null) {
    refuseTooLarge(facts.keys * told);
    return fillerKeySpace({ size: facts.keys, valueBytes: told, key });
  }
  const largest = numberParameter(parameters, 'largestValueBytes');
  const of = (index: number): number =>
    Math.max(SMALLEST_FILLER_VALUE_BYTES, Math.min(largest, uint32At(keyValueBytes, index)));
  let loadedBytes = 0;
  for (let index = 0; index < facts.keys; index++) loadedBytes += of(index);
  refuseTooLarge(loadedBytes);
  return fillerKeySpace({ size: facts.keys, valueBytes: { smallest: SMALLEST_FILLER_VALUE_BYTES, of }, key });
}

function refuseTooLarge(loadedBytes: number): void {
  if (loadedBytes <= MAX_LOADED_BYTES) return;
  throw new BenchError(
    'PARAMETER_OUT_OF_RANGE',
    "trace: the trace's values take more than 64 GiB together.",
    {
      hint: 'Take a shorter part with --limit, or smaller values with --set largestValueBytes=….',
    },
  );
}

const OPERATION_OF: Readonly<Record<number, OperationKind>> = {
  [AccessKind.get]: OperationKind.get,
  [AccessKind.put]: OperationKind.put,
  [AccessKind.delete]: OperationKind.delete,
};

function replay(input: LoadedTrace, keySpace: KeySpace, cacheShare: number): OperationStream {
  const { kind, keyIndex, requestStart, dueNs, facts } = input;
  const builder = new StreamBuilder(facts.keys, facts.accesses, facts.requests);
  const schedule = dueNs === null ? null : new Schedule(facts.requests);
  const cache = new ReadThrough(facts.keys, Math.floor(cacheShare * facts.keys));
  let putBytes = 0;
  const put = (key: number): void => {
    builder.append(OperationKind.put, key);
    putBytes += keySpace.value(key, 0).length;
  };
  for (let request = 0; request < facts.requests; request++) {
    const first = uint32At(requestStart, request);
    const end = uint32At(requestStart, request + 1);
    const told = OPERATION_OF[uint8At(kind, first)];
    for (let at = first; at < end; at++) {
      const key = uint32At(keyIndex, at);
      if (told === OperationKind.put) put(key);
      else builder.append(told ?? OperationKind.get, key);
      if (told === undefined) cache.access(key, request);
    }
    builder.endRequest();
    const due = dueNs === null ? 0 : float64At(dueNs, request);
    schedule?.add(due);
    if (cache.missed.length === 0) continue;
    for (const key of cache.missed) put(key);
    builder.endRequest();
    schedule?.add(due);
    cache.missed.length = 0;
  }
  if (putBytes > MAX_PUT_BYTES) {
    throw new BenchError('PARAMETER_OUT_OF_RANGE', 'trace: the values that are put take more than 4 GiB.', {
      hint: 'Take a shorter part with --limit, or smaller values with --set largestValueBytes=….',
    });
  }
  return builder.build(schedule === null ? {} : { dueNs: schedule.finish() });
}

/** The cache that a read-through client looks into first, and what it did not find there. */
class ReadThrough {
  /** Different keys of the open request that were not found, in order; the caller empties it. */
  readonly missed: number[] = [];
  readonly #cache: Lru | null;
  /** Number + 1 of the request in which each key was missed last: a request puts a key once. */
  readonly #missedIn: Uint32Array;

  constructor(keys: number, slots: number) {
    this.#cache = slots === 0 ? null : new Lru(keys, slots);
    this.#missedIn = new Uint32Array(keys);
  }

  access(key: number, request: number): void {
    if (this.#cache?.access(key) === true || this.#missedIn[key] === request + 1) return;
    this.#missedIn[key] = request + 1;
    this.missed.push(key);
  }
}

/** Due times of requests, as many as come. */
class Schedule {
  #dueNs: Float64Array;
  #length = 0;

  constructor(expected: number) {
    this.#dueNs = new Float64Array(Math.max(1, expected));
  }

  add(dueNs: number): void {
    if (this.#length === this.#dueNs.length) {
      const larger = new Float64Array(2 * this.#dueNs.length);
      larger.set(this.#dueNs);
      this.#dueNs = larger;
    }
    this.#dueNs[this.#length++] = dueNs;
  }

  finish(): Float64Array {
    return this.#dueNs.slice(0, this.#length);
  }
}

function arrivals({ facts, dueNs }: LoadedTrace, keys: number, seed: number): OperationStream {
  const nextKey = createUniform(keys, randomFor(seed, 'keys'));
  const builder = new StreamBuilder(keys, facts.requests);
  for (let request = 0; request < facts.requests; request++) builder.single(OperationKind.get, nextKey());
  return builder.build(dueNs === null ? {} : { dueNs: dueNs.slice() });
}

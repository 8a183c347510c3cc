import {
  keysParameter,
  loadedBytesRule,
  operationsParameter,
  readShareParameter,
  valueBytesParameter,
} from './common-parameters.js';
import { createBernoulli } from './distributions/bernoulli.js';
import { createUniform } from './distributions/uniform.js';
import { fillerKeySpace } from './key-spaces/filler.js';
import { indexWidth, zeroPadded } from './key-spaces/text.js';
import { listParameter, numberParameter } from './parameters.js';
import { randomFor } from './random-streams.js';
import { StreamBuilder } from './stream-builder.js';
import { OperationKind, type OperationStream, type Workload } from './workload.js';

/** Shared memory for what each client wrote last, in each trial: one word a client and key. */
const MAX_LAST_WRITES = 2 ** 28;

/**
 * A ramp: the same reads and writes from ever more clients, one case for each number of them, to see where throughput stops
 * growing and where latency begins to climb. A client is a session of its own and asks again as soon as it has its answer.
 */
export const concurrent: Workload = {
  name: 'concurrent',
  summary: 'Ever more clients at once, 1 to 64: where does each engine begin to degrade?',
  derivedFrom:
    'Synthetic: uniform access from clients without think time, not derived from a production trace',
  parameters: [
    {
      name: 'clients',
      description: 'Clients that ask at once; one case for each number',
      kind: 'integer-list',
      unit: 'clients',
      minimum: 1,
      maximum: 1_024,
      default: [1, 2, 4, 8, 16, 32, 64],
    },
    {
      name: 'maxThreads',
      description: 'Threads that the clients are spread over evenly; never more than the machine has',
      kind: 'integer',
      unit: 'threads',
      minimum: 1,
      maximum: 256,
      default: 256,
    },
    keysParameter(10_000),
    readShareParameter(0.9),
    valueBytesParameter(100),
    operationsParameter(200_000),
  ],
  rules: [
    loadedBytesRule('keys'),
    {
      between: ['clients', 'keys'],
      sentence: 'the largest entry of clients × keys may not exceed 2^28',
      holds: (parameters) =>
        Math.max(...listParameter(parameters, 'clients')) * numberParameter(parameters, 'keys') <=
        MAX_LAST_WRITES,
    },
    {
      between: ['clients', 'operations'],
      sentence: 'no entry of clients may exceed operations',
      holds: (parameters) =>
        Math.max(...listParameter(parameters, 'clients')) <= numberParameter(parameters, 'operations'),
    },
  ],
  cases: (parameters) => {
    const keys = numberParameter(parameters, 'keys');
    const readShare = numberParameter(parameters, 'readShare');
    const operations = numberParameter(parameters, 'operations');
    const maxThreads = numberParameter(parameters, 'maxThreads');
    const counts = listParameter(parameters, 'clients');
    const width = indexWidth(keys);
    const keySpace = fillerKeySpace({
      size: keys,
      valueBytes: numberParameter(parameters, 'valueBytes'),
      key: (index) => `key:${zeroPadded(index, width)}`,
    });
    return counts.map((count) => ({
      id: counts.length === 1 ? 'concurrent' : count === 1 ? '1-client' : `${String(count)}-clients`,
      label: count === 1 ? '1 client' : `${String(count)} clients at once`,
      keySpace,
      clients: { count, maxThreads },
      generate: (seed: number) => generate(keys, readShare, operations, seed),
    }));
  },
};

function generate(keys: number, readShare: number, operations: number, seed: number): OperationStream {
  const isRead = createBernoulli(readShare, randomFor(seed, 'kinds'));
  const nextKey = createUniform(keys, randomFor(seed, 'keys'));
  const builder = new StreamBuilder(keys, operations);
  for (let operation = 0; operation < operations; operation++) {
    builder.single(isRead() ? OperationKind.get : OperationKind.put, nextKey());
  }
  return builder.build();
}

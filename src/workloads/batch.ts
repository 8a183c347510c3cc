import {
  keysParameter,
  loadedBytesRule,
  operationsParameter,
  valueBytesParameter,
} from './common-parameters.js';
import { identity, permute } from './distributions/permutation.js';
import { fillerKeySpace } from './key-spaces/filler.js';
import { indexWidth, zeroPadded } from './key-spaces/text.js';
import { listParameter, numberParameter } from './parameters.js';
import { randomFor } from './random-streams.js';
import { StreamBuilder } from './stream-builder.js';
import { OperationKind, type OperationStream, type Workload } from './workload.js';

/**
 * One case a batch size; each alternates an mget and an mput. The keys of a batch are distinct: batches are cut, one after
 * another, from a seeded order of all keys, and the order is drawn afresh when less than a batch of it is left.
 */
export const batch: Workload = {
  name: 'batch',
  summary: 'mget and mput in turn, at several batch sizes, over uniformly chosen keys',
  derivedFrom:
    'Synthetic: shows how the cost of a request is shared by its keys, not derived from a production trace',
  parameters: [
    keysParameter(100_000),
    valueBytesParameter(100),
    {
      name: 'batchSizes',
      description: 'Keys in each mget and mput; one case for each size',
      kind: 'integer-list',
      unit: 'keys',
      minimum: 1,
      maximum: 100_000,
      default: [10, 100, 1_000, 10_000],
    },
    operationsParameter(500_000),
  ],
  rules: [
    {
      between: ['batchSizes', 'keys'],
      sentence: 'no entry of batchSizes may exceed keys',
      holds: (parameters) =>
        Math.max(...listParameter(parameters, 'batchSizes')) <= numberParameter(parameters, 'keys'),
    },
    loadedBytesRule('keys'),
  ],
  cases: (parameters) => {
    const keys = numberParameter(parameters, 'keys');
    const valueBytes = numberParameter(parameters, 'valueBytes');
    const operations = numberParameter(parameters, 'operations');
    const batchSizes = listParameter(parameters, 'batchSizes');
    const width = indexWidth(keys);
    const keySpace = fillerKeySpace({
      size: keys,
      valueBytes,
      key: (index) => `key:${zeroPadded(index, width)}`,
    });
    return batchSizes.map((batchSize) => ({
      id: batchSizes.length === 1 ? 'batch' : `${String(batchSize)}-keys`,
      label: `mget and mput of ${String(batchSize)} ${batchSize === 1 ? 'key' : 'keys'}`,
      keySpace,
      readsBatches: batchSize > 1,
      generate: (seed: number) => generate(keys, batchSize, operations, seed),
    }));
  },
};

function generate(keys: number, batchSize: number, operations: number, seed: number): OperationStream {
  const random = randomFor(seed, 'order');
  const order = permute(identity(keys), random);
  const requests = 2 * Math.ceil(operations / (2 * batchSize));
  const builder = new StreamBuilder(keys, requests * batchSize, requests);
  let next = 0;
  for (let request = 0; request < requests; request++) {
    if (next + batchSize > keys) {
      permute(order, random);
      next = 0;
    }
    const kind = request % 2 === 0 ? OperationKind.get : OperationKind.put;
    for (const key of order.subarray(next, next + batchSize)) builder.append(kind, key);
    builder.endRequest();
    next += batchSize;
  }
  return builder.build();
}

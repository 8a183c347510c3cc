import {
  keysParameter,
  loadedBytesRule,
  operationsParameter,
  valueBytesParameter,
} from './common-parameters.js';
import { identity, permute } from './distributions/permutation.js';
import { fillerKeySpace } from './key-spaces/filler.js';
import { indexWidth, zeroPadded } from './key-spaces/text.js';
import { numberParameter } from './parameters.js';
import { randomFor } from './random-streams.js';
import { StreamBuilder } from './stream-builder.js';
import { OperationKind, type OperationStream, type Workload } from './workload.js';

/**
 * Each key is put and then got back at once. The stream passes over all keys again and again, each time in a fresh seeded
 * order, so that every key is asked for equally often.
 */
export const basic: Workload = {
  name: 'basic',
  summary: 'Put a key, then get it back: every key equally often, in random order',
  derivedFrom: 'Synthetic: the simplest use of a key-value store, not derived from a production trace',
  parameters: [keysParameter(10_000), valueBytesParameter(100), operationsParameter(200_000)],
  rules: [loadedBytesRule('keys')],
  cases: (parameters) => {
    const keys = numberParameter(parameters, 'keys');
    const valueBytes = numberParameter(parameters, 'valueBytes');
    const operations = numberParameter(parameters, 'operations');
    const width = indexWidth(keys);
    return [
      {
        id: 'basic',
        label: 'put, then get',
        keySpace: fillerKeySpace({
          size: keys,
          valueBytes,
          key: (index) => `key:${zeroPadded(index, width)}`,
        }),
        generate: (seed) => generate(keys, operations, seed),
      },
    ];
  },
};

function generate(keys: number, operations: number, seed: number): OperationStream {
  const random = randomFor(seed, 'order');
  const order = identity(keys);
  const pairs = Math.ceil(operations / 2);
  const builder = new StreamBuilder(keys, 2 * pairs);
  for (let done = 0; done < pairs;) {
    permute(order, random);
    for (const key of order.subarray(0, pairs - done)) {
      builder.single(OperationKind.put, key);
      builder.single(OperationKind.get, key);
      done++;
    }
  }
  return builder.build();
}

import {
  keysParameter,
  loadedBytesRule,
  operationsParameter,
  readShareParameter,
  valueBytesParameter,
} from './common-parameters.js';
import { createBernoulli } from './distributions/bernoulli.js';
import { createUniform } from './distributions/uniform.js';
import { fillerKeySpace, fillerText } from './key-spaces/filler.js';
import { zeroPadded } from './key-spaces/text.js';
import { listParameter, numberParameter } from './parameters.js';
import { randomFor } from './random-streams.js';
import { StreamBuilder } from './stream-builder.js';
import { OperationKind, type OperationStream, type Workload } from './workload.js';

/** Digits that make a key unique: enough for the largest key space, and all of the shortest key. */
const INDEX_DIGITS = 8;
const MAX_KEY_TEXT_BYTES = 2 ** 32;

/**
 * Uniform random access, one case a key size. Values have the same size in all of them, so that what differs is the cost of
 * the key: copying, hashing and comparing it. A key is unrelated pseudo-random text that ends in the number of the key.
 */
export const keySizes: Workload = {
  name: 'key-sizes',
  summary: 'Random access with short and long keys: 8 B to 1 KiB',
  derivedFrom:
    'Synthetic: shows how the cost of a request grows with its key, not derived from a production trace',
  parameters: [
    keysParameter(20_000),
    {
      name: 'keyBytes',
      description: 'Size of every key; one case for each size',
      kind: 'integer-list',
      unit: 'bytes',
      minimum: INDEX_DIGITS,
      maximum: 16_384,
      default: [8, 32, 128, 1_024],
    },
    readShareParameter(0.9),
    valueBytesParameter(100),
    operationsParameter(200_000),
  ],
  rules: [
    loadedBytesRule('keys'),
    {
      between: ['keys', 'keyBytes'],
      sentence: 'keys × keyBytes may not exceed 4 GiB',
      holds: (parameters) =>
        numberParameter(parameters, 'keys') * Math.max(...listParameter(parameters, 'keyBytes')) <=
        MAX_KEY_TEXT_BYTES,
    },
  ],
  cases: (parameters) => {
    const keys = numberParameter(parameters, 'keys');
    const valueBytes = numberParameter(parameters, 'valueBytes');
    const readShare = numberParameter(parameters, 'readShare');
    const operations = numberParameter(parameters, 'operations');
    const sizes = listParameter(parameters, 'keyBytes');
    return sizes.map((keyBytes) => ({
      id: sizes.length === 1 ? 'key-sizes' : `${String(keyBytes)}-bytes`,
      label: `keys of ${String(keyBytes)} bytes`,
      keySpace: fillerKeySpace({
        size: keys,
        valueBytes,
        key: (index) => fillerText(index, keyBytes - INDEX_DIGITS) + zeroPadded(index, INDEX_DIGITS),
      }),
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

import {
  exponentParameter,
  keysParameter,
  loadedBytesRule,
  operationsParameter,
  readShareParameter,
  valueBytesParameter,
} from './common-parameters.js';
import { createBernoulli } from './distributions/bernoulli.js';
import { identity, permute } from './distributions/permutation.js';
import { createZipf } from './distributions/zipf.js';
import { fillerKeySpace } from './key-spaces/filler.js';
import { indexWidth, zeroPadded } from './key-spaces/text.js';
import { numberParameter } from './parameters.js';
import { randomFor } from './random-streams.js';
import { StreamBuilder } from './stream-builder.js';
import { uint32At } from './typed-array.js';
import { OperationKind, type OperationStream, type Workload } from './workload.js';

interface ZipfianParameters {
  readonly keys: number;
  readonly exponent: number;
  readonly readShare: number;
  readonly operations: number;
}

/**
 * Reads and writes of keys whose popularity follows Zipf's law. Ranks are scattered over the key space by a seeded
 * permutation, so that hot keys are no neighbours; unlike the hashing of YCSB's scrambled generator this keeps the exact
 * distribution.
 */
export const zipfian: Workload = {
  name: 'zipfian',
  summary: 'Skewed popularity: few keys get most of the reads and writes (Zipf)',
  derivedFrom:
    'Synthetic: the skew of the YCSB core workloads (exponent 0.99), drawn exactly; not derived from a production trace',
  parameters: [
    keysParameter(100_000),
    exponentParameter(0.99),
    readShareParameter(0.95),
    valueBytesParameter(100),
    operationsParameter(500_000),
  ],
  rules: [loadedBytesRule('keys')],
  cases: (parameters) => {
    const zipfianParameters: ZipfianParameters = {
      keys: numberParameter(parameters, 'keys'),
      exponent: numberParameter(parameters, 'exponent'),
      readShare: numberParameter(parameters, 'readShare'),
      operations: numberParameter(parameters, 'operations'),
    };
    const width = indexWidth(zipfianParameters.keys);
    return [
      {
        id: 'zipfian',
        label: `Zipf ${String(zipfianParameters.exponent)}, ${String(zipfianParameters.readShare * 100)} % reads`,
        keySpace: fillerKeySpace({
          size: zipfianParameters.keys,
          valueBytes: numberParameter(parameters, 'valueBytes'),
          key: (index) => `key:${zeroPadded(index, width)}`,
        }),
        generate: (seed) => generate(zipfianParameters, seed),
      },
    ];
  },
};

function generate(
  { keys, exponent, readShare, operations }: ZipfianParameters,
  seed: number,
): OperationStream {
  const keyOfRank = permute(identity(keys), randomFor(seed, 'order'));
  const nextRank = createZipf(keys, exponent, randomFor(seed, 'keys'));
  const isRead = createBernoulli(readShare, randomFor(seed, 'kinds'));
  const builder = new StreamBuilder(keys, operations);
  for (let operation = 0; operation < operations; operation++) {
    const kind = isRead() ? OperationKind.get : OperationKind.put;
    builder.single(kind, uint32At(keyOfRank, nextRank()));
  }
  return builder.build();
}

import { MAX_KEYS, MAX_OPERATIONS, loadedBytesRule, valueBytesParameter } from './common-parameters.js';
import { identity, permute } from './distributions/permutation.js';
import { fillerKeySpace } from './key-spaces/filler.js';
import { numberParameter } from './parameters.js';
import { randomFor } from './random-streams.js';
import { StreamBuilder } from './stream-builder.js';
import { uint32At } from './typed-array.js';
import { NO_PREFETCH, OperationKind, type OperationStream, type Workload } from './workload.js';

interface MlParameters {
  readonly batches: number;
  readonly samplesPerBatch: number;
  readonly epochs: number;
}

/**
 * A data loader: every epoch reads each training batch once, as one mget, in a fresh seeded order. Each request announces
 * the next one, as a loader does that knows its order; the last announces the first, because streams are repeated.
 */
export const mlTraining: Workload = {
  name: 'ml-training',
  summary: 'A training loop reads whole batches of samples and announces the next batch',
  derivedFrom: 'Synthetic: modelled on data loaders of training loops, not derived from a production trace',
  parameters: [
    {
      name: 'batches',
      description: 'Batches in the data set',
      kind: 'integer',
      unit: 'batches',
      minimum: 1,
      maximum: MAX_KEYS,
      default: 1_000,
    },
    {
      name: 'samplesPerBatch',
      description: 'Samples in each batch, read by one mget',
      kind: 'integer',
      unit: 'keys',
      minimum: 1,
      maximum: 100_000,
      default: 1_000,
    },
    valueBytesParameter(100),
    {
      name: 'epochs',
      description: 'Passes over the data set in the stream, each in an order of its own',
      kind: 'integer',
      unit: 'epochs',
      minimum: 1,
      maximum: 1_000,
      default: 1,
    },
  ],
  rules: [
    {
      between: ['batches', 'samplesPerBatch'],
      sentence: 'batches × samplesPerBatch may not exceed 10,000,000 keys',
      holds: (parameters) =>
        numberParameter(parameters, 'batches') * numberParameter(parameters, 'samplesPerBatch') <= MAX_KEYS,
    },
    {
      between: ['batches', 'samplesPerBatch', 'epochs'],
      sentence: 'batches × samplesPerBatch × epochs may not exceed 50,000,000 operations',
      holds: (parameters) =>
        ['batches', 'samplesPerBatch', 'epochs'].reduce(
          (product, name) => product * numberParameter(parameters, name),
          1,
        ) <= MAX_OPERATIONS,
    },
    loadedBytesRule('batches', 'samplesPerBatch'),
  ],
  cases: (parameters) => {
    const mlParameters: MlParameters = {
      batches: numberParameter(parameters, 'batches'),
      samplesPerBatch: numberParameter(parameters, 'samplesPerBatch'),
      epochs: numberParameter(parameters, 'epochs'),
    };
    const { batches, samplesPerBatch } = mlParameters;
    return [
      {
        id: 'ml-training',
        label: `mget of ${String(samplesPerBatch)} samples`,
        readsBatches: samplesPerBatch > 1,
        keySpace: fillerKeySpace({
          size: batches * samplesPerBatch,
          valueBytes: numberParameter(parameters, 'valueBytes'),
          key: (index) => {
            const sample = index % samplesPerBatch;
            return `sample:${String((index - sample) / samplesPerBatch)}:${String(sample)}`;
          },
        }),
        generate: (seed) => generate(mlParameters, seed),
      },
    ];
  },
};

function generate({ batches, samplesPerBatch, epochs }: MlParameters, seed: number): OperationStream {
  const random = randomFor(seed, 'order');
  const order = identity(batches);
  const requests = batches * epochs;
  const builder = new StreamBuilder(batches * samplesPerBatch, requests * samplesPerBatch, requests);
  for (let epoch = 0; epoch < epochs; epoch++) {
    permute(order, random);
    for (let position = 0; position < batches; position++) {
      const first = uint32At(order, position) * samplesPerBatch;
      for (let sample = 0; sample < samplesPerBatch; sample++) {
        builder.append(OperationKind.get, first + sample);
      }
      builder.endRequest();
    }
  }
  const prefetchRequest = new Uint32Array(requests);
  for (let request = 0; request < requests; request++) prefetchRequest[request] = (request + 1) % requests;
  if (requests === 1) prefetchRequest[0] = NO_PREFETCH; // there is no other batch to announce
  return builder.build({ prefetchRequest });
}

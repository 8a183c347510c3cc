import {
  exponentParameter,
  keysParameter,
  operationsParameter,
  readShareParameter,
} from './common-parameters.js';
import { createBernoulli } from './distributions/bernoulli.js';
import { identity, permute } from './distributions/permutation.js';
import { createZipf } from './distributions/zipf.js';
import { scoreKeySpace } from './key-spaces/scores.js';
import { numberParameter } from './parameters.js';
import { randomFor } from './random-streams.js';
import { StreamBuilder } from './stream-builder.js';
import { uint32At } from './typed-array.js';
import { OperationKind, type OperationStream, type Workload } from './workload.js';

/** Shared memory for what each client wrote last, in each trial: one word a client and key. */
const MAX_LAST_WRITES = 2 ** 28;

interface LeaderboardParameters {
  readonly players: number;
  readonly activitySkew: number;
  readonly readShare: number;
  readonly operations: number;
}

/**
 * Scores of players, incremented by several clients at once: whoever plays most meets the increments of others on the same
 * key. After the window every score must be its first one plus the increments of all clients, to the last.
 */
export const leaderboard: Workload = {
  name: 'leaderboard',
  summary: 'Scores of 100,000 players, incremented by eight clients at once and sometimes read',
  derivedFrom:
    'Synthetic: activity of players by Zipf with the exponent of the YCSB core workloads, not derived from a production trace',
  parameters: [
    keysParameter(100_000, 'players'),
    {
      name: 'clients',
      description: 'Clients that ask at once',
      kind: 'integer',
      unit: 'clients',
      minimum: 1,
      maximum: 1_024,
      default: 8,
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
    exponentParameter(0.99, 'activitySkew'),
    readShareParameter(0.2),
    operationsParameter(500_000),
  ],
  rules: [
    {
      between: ['clients', 'players'],
      sentence: 'clients × players may not exceed 2^28',
      holds: (parameters) =>
        numberParameter(parameters, 'clients') * numberParameter(parameters, 'players') <= MAX_LAST_WRITES,
    },
    {
      between: ['clients', 'operations'],
      sentence: 'clients may not exceed operations',
      holds: (parameters) =>
        numberParameter(parameters, 'clients') <= numberParameter(parameters, 'operations'),
    },
  ],
  cases: (parameters) => {
    const leaderboardParameters: LeaderboardParameters = {
      players: numberParameter(parameters, 'players'),
      activitySkew: numberParameter(parameters, 'activitySkew'),
      readShare: numberParameter(parameters, 'readShare'),
      operations: numberParameter(parameters, 'operations'),
    };
    return [
      {
        id: 'leaderboard',
        label: 'scores of players',
        keySpace: scoreKeySpace(leaderboardParameters.players),
        counters: true,
        clients: {
          count: numberParameter(parameters, 'clients'),
          maxThreads: numberParameter(parameters, 'maxThreads'),
        },
        generate: (seed) => generate(leaderboardParameters, seed),
      },
    ];
  },
};

function generate(
  { players, activitySkew, readShare, operations }: LeaderboardParameters,
  seed: number,
): OperationStream {
  const playerOfRank = permute(identity(players), randomFor(seed, 'order'));
  const nextRank = createZipf(players, activitySkew, randomFor(seed, 'keys'));
  const isRead = createBernoulli(readShare, randomFor(seed, 'kinds'));
  const builder = new StreamBuilder(players, operations);
  for (let operation = 0; operation < operations; operation++) {
    const kind = isRead() ? OperationKind.get : OperationKind.increment;
    builder.single(kind, uint32At(playerOfRank, nextRank()));
  }
  return builder.build();
}

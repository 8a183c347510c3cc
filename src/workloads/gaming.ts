import {
  MAX_KEYS,
  keysParameter,
  operationsParameter,
  readShareParameter,
  sessionSecondsParameter,
} from './common-parameters.js';
import { createBernoulli } from './distributions/bernoulli.js';
import { identity, permute } from './distributions/permutation.js';
import { portableSinTurns } from './distributions/portable-math.js';
import { sampleSessionTimes } from './distributions/session-times.js';
import { playerKeySpace } from './key-spaces/player-states.js';
import { numberParameter } from './parameters.js';
import { randomFor } from './random-streams.js';
import { StreamBuilder } from './stream-builder.js';
import { float64At, uint32At } from './typed-array.js';
import { OperationKind, type OperationStream, type Workload } from './workload.js';

/** How often in a session the number of active players is taken anew. */
const CROWD_STEPS = 4096;

interface GamingParameters {
  readonly players: number;
  readonly activePlayers: number;
  readonly activeSwing: number;
  readonly readShare: number;
  readonly sessionSeconds: number;
  readonly operations: number;
}

/**
 * Players' states are read and updated while players come and go: activePlayers·(1 + activeSwing·sin) of them are active,
 * one period of the sine a session. Each active player acts equally often, so the load follows their number. Players log in
 * in a seeded order and those online longest log out first; over a session everyone has been active.
 */
export const gaming: Workload = {
  name: 'gaming',
  summary: 'Player states as JSON, read and updated by a crowd of active players that swells and shrinks',
  derivedFrom: 'Synthetic: modelled on state of online games, not derived from a production trace',
  parameters: [
    keysParameter(10_000, 'players'),
    {
      name: 'activePlayers',
      description: 'Players active at once, averaged over the session',
      kind: 'integer',
      unit: 'keys',
      minimum: 1,
      maximum: MAX_KEYS,
      default: 1_000,
    },
    {
      name: 'activeSwing',
      description: 'How far the number of active players swings above and below its average',
      kind: 'number',
      unit: 'fraction',
      minimum: 0,
      maximum: 1,
      default: 0.5,
    },
    readShareParameter(0.7),
    sessionSecondsParameter(60),
    operationsParameter(500_000),
  ],
  rules: [
    {
      between: ['activePlayers', 'activeSwing', 'players'],
      sentence: 'activePlayers × (1 + activeSwing) may not exceed players',
      holds: (parameters) =>
        numberParameter(parameters, 'activePlayers') * (1 + numberParameter(parameters, 'activeSwing')) <=
        numberParameter(parameters, 'players'),
    },
  ],
  cases: (parameters) => {
    const gamingParameters: GamingParameters = {
      players: numberParameter(parameters, 'players'),
      activePlayers: numberParameter(parameters, 'activePlayers'),
      activeSwing: numberParameter(parameters, 'activeSwing'),
      readShare: numberParameter(parameters, 'readShare'),
      sessionSeconds: numberParameter(parameters, 'sessionSeconds'),
      operations: numberParameter(parameters, 'operations'),
    };
    return [
      {
        id: 'gaming',
        label: 'states of active players',
        keySpace: playerKeySpace(gamingParameters.players),
        generate: (seed) => generate(gamingParameters, seed),
      },
    ];
  },
};

function generate(parameters: GamingParameters, seed: number): OperationStream {
  const { players, activePlayers, activeSwing, readShare, sessionSeconds, operations } = parameters;
  const sessionNs = sessionSeconds * 1e9;
  const activeAt = (fraction: number): number =>
    activePlayers * (1 + activeSwing * portableSinTurns(fraction));
  const dueNs = sampleSessionTimes(operations, sessionNs, activeAt, randomFor(seed, 'times'));

  const loginOrder = permute(identity(players), randomFor(seed, 'order'));
  const isRead = createBernoulli(readShare, randomFor(seed, 'kinds'));
  const random = randomFor(seed, 'keys');
  const builder = new StreamBuilder(players, operations);
  let step = -1;
  let active = 0;
  for (let operation = 0; operation < operations; operation++) {
    const fraction = float64At(dueNs, operation) / sessionNs;
    if (Math.floor(fraction * CROWD_STEPS) > step) {
      step = Math.floor(fraction * CROWD_STEPS);
      active = Math.max(1, Math.round(activeAt(step / CROWD_STEPS)));
    }
    // The active ones are a window of the login order, taken as a circle; it passes round once a session.
    const oldest = Math.floor(fraction * players);
    const position = (oldest + Math.floor(random.nextDouble() * active)) % players;
    const kind = isRead() ? OperationKind.get : OperationKind.put;
    builder.single(kind, uint32At(loginOrder, position));
  }
  return builder.build({ dueNs });
}

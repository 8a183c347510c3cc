import {
  exponentParameter,
  keysParameter,
  loadedBytesRule,
  operationsParameter,
  readShareParameter,
  sessionSecondsParameter,
  valueBytesParameter,
} from './common-parameters.js';
import { createBernoulli } from './distributions/bernoulli.js';
import { portableSinTurns } from './distributions/portable-math.js';
import { SESSION_CELLS, sampleSessionTimes } from './distributions/session-times.js';
import { createZipf } from './distributions/zipf.js';
import { fillerKeySpace } from './key-spaces/filler.js';
import { indexWidth, zeroPadded } from './key-spaces/text.js';
import { numberParameter } from './parameters.js';
import { randomFor } from './random-streams.js';
import { StreamBuilder } from './stream-builder.js';
import { float64At } from './typed-array.js';
import { OperationKind, type OperationStream, type Parameters, type Workload } from './workload.js';

/** The parts that the intensity of the load is made of. */
export interface TemporalShape {
  readonly days: number;
  readonly dailySwing: number;
  readonly seasonSwing: number;
  readonly bursts: number;
  readonly burstFactor: number;
  readonly burstShare: number;
}

interface TemporalParameters extends TemporalShape {
  readonly keys: number;
  readonly readShare: number;
  readonly ageExponent: number;
  readonly sessionSeconds: number;
  readonly operations: number;
}

/** A daily cycle begins in the dead of night: a quarter of a turn before the rising zero of the sine. */
const MIDNIGHT = 0.25;

/**
 * A feed whose load follows the clock: a season, one to the session, of several days, each with its quiet night and busy
 * day, and bursts at times that nobody foresees. New items come in at an even pace all through the session; a read asks for
 * an item by its age, the newest most of all, and a write replaces the newest. So what is hot moves through the key space.
 */
export const temporal: Workload = {
  name: 'temporal',
  summary: 'A feed of items, the newest most wanted: load with a daily cycle, bursts and a season',
  derivedFrom: 'Synthetic: sines and random bursts, not derived from a production trace',
  parameters: [
    keysParameter(50_000),
    {
      name: 'days',
      description: 'Daily cycles in a session',
      kind: 'integer',
      unit: 'days',
      minimum: 1,
      maximum: 100,
      default: 7,
    },
    swing('dailySwing', 'How far the load of a day swings above and below its average', 0.6),
    swing('seasonSwing', 'How far the season, one period a session, swings above and below the average', 0.3),
    {
      name: 'bursts',
      description: 'Bursts in a session: one at a random time in each of so many equal parts',
      kind: 'integer',
      unit: 'bursts',
      minimum: 0,
      maximum: 100,
      default: 5,
    },
    {
      name: 'burstFactor',
      description: 'Load during a burst, as a multiple of what it would be without',
      kind: 'number',
      unit: 'times',
      minimum: 1,
      maximum: 100,
      default: 5,
    },
    {
      name: 'burstShare',
      description: 'Length of each burst as a share of the session',
      kind: 'number',
      unit: 'fraction',
      minimum: 0.001,
      maximum: 0.5,
      default: 0.01,
    },
    readShareParameter(0.9),
    exponentParameter(0.99, 'ageExponent'),
    valueBytesParameter(100),
    sessionSecondsParameter(60),
    operationsParameter(500_000),
  ],
  rules: [
    loadedBytesRule('keys'),
    {
      between: ['bursts', 'burstShare'],
      sentence: 'bursts × burstShare may not exceed half of the session',
      holds: (parameters) =>
        numberParameter(parameters, 'bursts') * numberParameter(parameters, 'burstShare') <= 0.5,
    },
  ],
  cases: (parameters) => {
    const temporalParameters = readParameters(parameters);
    const { keys } = temporalParameters;
    const width = indexWidth(keys);
    return [
      {
        id: 'temporal',
        label: 'a feed through the days',
        keySpace: fillerKeySpace({
          size: keys,
          valueBytes: numberParameter(parameters, 'valueBytes'),
          key: (index) => `item:${zeroPadded(index, width)}`,
        }),
        generate: (seed) => generate(temporalParameters, seed),
      },
    ];
  },
};

/**
 * Where bursts begin, as fractions of the session, ascending: one in each of `bursts` equal parts, uniformly among the
 * places where it ends before the part does. On the grid of `sampleSessionTimes`, so that its edges are exact.
 */
export function burstStarts({ bursts, burstShare }: TemporalShape, seed: number): readonly number[] {
  const random = randomFor(seed, 'order');
  const length = burstCells(burstShare);
  return Array.from({ length: bursts }, (_, burst) => {
    const from = Math.ceil((burst * SESSION_CELLS) / bursts);
    const to = Math.floor(((burst + 1) * SESSION_CELLS) / bursts);
    return (from + random.nextBelow(Math.max(1, to - from - length + 1))) / SESSION_CELLS;
  });
}

/** Length of a burst as a fraction of the session: `burstShare` on the grid of `sampleSessionTimes`. */
export function burstLength({ burstShare }: TemporalShape): number {
  return burstCells(burstShare) / SESSION_CELLS;
}

function burstCells(burstShare: number): number {
  return Math.max(1, Math.round(burstShare * SESSION_CELLS));
}

function generate(parameters: TemporalParameters, seed: number): OperationStream {
  const { keys, readShare, ageExponent, sessionSeconds, operations } = parameters;
  const sessionNs = sessionSeconds * 1e9;
  const dueNs = sampleSessionTimes(
    operations,
    sessionNs,
    intensityOf(parameters, burstStarts(parameters, seed)),
    randomFor(seed, 'times'),
  );
  const isRead = createBernoulli(readShare, randomFor(seed, 'kinds'));
  const nextAge = createZipf(keys, ageExponent, randomFor(seed, 'keys'));
  const builder = new StreamBuilder(keys, operations);
  for (let operation = 0; operation < operations; operation++) {
    const fraction = float64At(dueNs, operation) / sessionNs;
    // The feed is a ring that is gone round once a session; the item replaced next is the oldest.
    const newest = Math.min(Math.floor(fraction * keys), keys - 1);
    if (isRead()) builder.single(OperationKind.get, (newest + keys - nextAge()) % keys);
    else builder.single(OperationKind.put, newest);
  }
  return builder.build({ dueNs });
}

/** Day × season × burst, relative to the session's average. */
function intensityOf(shape: TemporalShape, starts: readonly number[]): (fraction: number) => number {
  const { days, dailySwing, seasonSwing, burstFactor } = shape;
  const length = burstLength(shape);
  return (fraction) => {
    const day = 1 + dailySwing * portableSinTurns(((fraction * days) % 1) - MIDNIGHT);
    const season = 1 + seasonSwing * portableSinTurns(fraction);
    const inBurst = starts.some((start) => fraction >= start && fraction < start + length);
    return day * season * (inBurst ? burstFactor : 1);
  };
}

function swing(name: string, description: string, defaultSwing: number): Workload['parameters'][number] {
  return {
    name,
    description,
    kind: 'number',
    unit: 'fraction',
    minimum: 0,
    maximum: 0.99,
    default: defaultSwing,
  };
}

function readParameters(parameters: Parameters): TemporalParameters {
  const number = (name: keyof TemporalParameters): number => numberParameter(parameters, name);
  return {
    keys: number('keys'),
    days: number('days'),
    dailySwing: number('dailySwing'),
    seasonSwing: number('seasonSwing'),
    bursts: number('bursts'),
    burstFactor: number('burstFactor'),
    burstShare: number('burstShare'),
    readShare: number('readShare'),
    ageExponent: number('ageExponent'),
    sessionSeconds: number('sessionSeconds'),
    operations: number('operations'),
  };
}

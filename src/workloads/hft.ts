import {
  MAX_KEYS,
  exponentParameter,
  keysParameter,
  operationsParameter,
  readShareParameter,
  sessionSecondsParameter,
} from './common-parameters.js';
import { createBernoulli } from './distributions/bernoulli.js';
import { portableSinTurns } from './distributions/portable-math.js';
import { sampleSessionTimes } from './distributions/session-times.js';
import { createUniform } from './distributions/uniform.js';
import { createZipf } from './distributions/zipf.js';
import { quoteKeySpace } from './key-spaces/quotes.js';
import { numberParameter } from './parameters.js';
import { randomFor } from './random-streams.js';
import { StreamBuilder } from './stream-builder.js';
import { OperationKind, type OperationStream, type Workload } from './workload.js';

interface HftParameters {
  readonly symbols: number;
  readonly hotSymbols: number;
  readonly readShare: number;
  readonly readExponent: number;
  readonly sessionSeconds: number;
  readonly operations: number;
}

/**
 * Traders read quotes while feeds update the busiest ones. Popularity follows the symbol's number: SYMBOL_0001 is the
 * hottest. Reads are Zipf-distributed over all symbols; writes fall uniformly on the hottest ones. Requests fall due as a
 * Poisson process whose intensity is 1 + 9·sin² over the session: quiet at the open and the close, ten times busier in the
 * middle.
 */
export const hft: Workload = {
  name: 'hft',
  summary: 'Price quotes: mostly reads, writes on the hottest symbols, busiest in mid-session',
  derivedFrom:
    'Synthetic: modelled on market data, not derived from a production trace; the Zipf exponent of reads is an assumption',
  parameters: [
    keysParameter(10_000, 'symbols'),
    {
      name: 'hotSymbols',
      description: 'Symbols that are written: the most popular ones',
      kind: 'integer',
      unit: 'keys',
      minimum: 1,
      maximum: MAX_KEYS,
      default: 100,
    },
    readShareParameter(0.9),
    exponentParameter(0.99, 'readExponent'),
    sessionSecondsParameter(60),
    operationsParameter(500_000),
  ],
  rules: [
    {
      between: ['hotSymbols', 'symbols'],
      sentence: 'hotSymbols may not exceed symbols',
      holds: (parameters) =>
        numberParameter(parameters, 'hotSymbols') <= numberParameter(parameters, 'symbols'),
    },
  ],
  cases: (parameters) => {
    const hftParameters: HftParameters = {
      symbols: numberParameter(parameters, 'symbols'),
      hotSymbols: numberParameter(parameters, 'hotSymbols'),
      readShare: numberParameter(parameters, 'readShare'),
      readExponent: numberParameter(parameters, 'readExponent'),
      sessionSeconds: numberParameter(parameters, 'sessionSeconds'),
      operations: numberParameter(parameters, 'operations'),
    };
    return [
      {
        id: 'hft',
        label: 'quotes of a trading session',
        keySpace: quoteKeySpace(hftParameters.symbols),
        generate: (seed) => generate(hftParameters, seed),
      },
    ];
  },
};

function generate(parameters: HftParameters, seed: number): OperationStream {
  const { symbols, hotSymbols, readShare, readExponent, sessionSeconds, operations } = parameters;
  const isRead = createBernoulli(readShare, randomFor(seed, 'kinds'));
  const readSymbol = createZipf(symbols, readExponent, randomFor(seed, 'keys'));
  const writeSymbol = createUniform(hotSymbols, randomFor(seed, 'writes'));
  const builder = new StreamBuilder(symbols, operations);
  for (let operation = 0; operation < operations; operation++) {
    if (isRead()) builder.single(OperationKind.get, readSymbol());
    else builder.single(OperationKind.put, writeSymbol());
  }
  const dueNs = sampleSessionTimes(operations, sessionSeconds * 1e9, intensity, randomFor(seed, 'times'));
  return builder.build({ dueNs });
}

/** 1 + 9·sin²(π·fraction): 1 at both ends of the session, 10 in its middle. */
function intensity(fraction: number): number {
  const sine = portableSinTurns(fraction / 2);
  return 1 + 9 * sine * sine;
}

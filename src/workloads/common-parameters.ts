/** Parameters that several workloads share, so that they have one name, unit, range and wording. */
import { numberParameter } from './parameters.js';
import { SMALLEST_FILLER_VALUE_BYTES } from './key-spaces/filler.js';
import type { ParameterRule, ParameterSpec } from './workload.js';

/** Largest key space: about 1.5 GB in an engine at 100 bytes a value. */
export const MAX_KEYS = 10_000_000;
/** Longest stream: about 1 GB of arrays with a schedule. A driver repeats a stream, so longer ones tell little more. */
export const MAX_OPERATIONS = 50_000_000;
const MAX_LOADED_BYTES = 64 * 2 ** 30;

/** @param name 'keys' or what the keys stand for */
export function keysParameter(defaultKeys: number, name = 'keys', minimum = 1): ParameterSpec {
  return {
    name,
    description: 'Size of the key space; all of it is loaded before a trial',
    kind: 'integer',
    unit: 'keys',
    minimum,
    maximum: MAX_KEYS,
    default: defaultKeys,
  };
}

export function operationsParameter(defaultOperations: number): ParameterSpec {
  return {
    name: 'operations',
    description:
      'Length of the stream, rounded up to whole requests; it is repeated as long as a trial lasts',
    kind: 'integer',
    unit: 'operations',
    minimum: 1,
    maximum: MAX_OPERATIONS,
    default: defaultOperations,
  };
}

export function valueBytesParameter(defaultBytes: number): ParameterSpec {
  return {
    name: 'valueBytes',
    description: 'Size of every value',
    kind: 'integer',
    unit: 'bytes',
    minimum: SMALLEST_FILLER_VALUE_BYTES,
    maximum: 1_048_576,
    default: defaultBytes,
  };
}

export function readShareParameter(defaultShare: number): ParameterSpec {
  return {
    name: 'readShare',
    description: 'Share of operations that read',
    kind: 'number',
    unit: 'fraction',
    minimum: 0,
    maximum: 1,
    default: defaultShare,
  };
}

export function exponentParameter(defaultExponent: number, name = 'exponent'): ParameterSpec {
  return {
    name,
    description: 'Zipf exponent of key popularity: higher is more skewed',
    kind: 'number',
    unit: 'exponent',
    minimum: 0.01,
    maximum: 10,
    default: defaultExponent,
  };
}

export function sessionSecondsParameter(defaultSeconds: number): ParameterSpec {
  return {
    name: 'sessionSeconds',
    description:
      'Length of the session over which requests fall due (of --arrivals schedule; closed-loop driving ignores it)',
    kind: 'number',
    unit: 'seconds',
    minimum: 0.001,
    maximum: 86_400,
    default: defaultSeconds,
  };
}

/** Refuses key spaces whose values would take more memory than any machine that this tool is meant for. */
export function loadedBytesRule(...countedBy: readonly string[]): ParameterRule {
  return {
    between: [...countedBy, 'valueBytes'],
    sentence: `${countedBy.join(' × ')} × valueBytes may not exceed 64 GiB`,
    holds: (parameters) =>
      [...countedBy, 'valueBytes'].reduce(
        (product, name) => product * numberParameter(parameters, name),
        1,
      ) <= MAX_LOADED_BYTES,
  };
}

/** Checks of what callers give: they may write JavaScript, where types promise nothing. */
import { totalmem } from 'node:os';
import { PredisError } from './errors.js';
import { consistencies, devicePaths, evictions } from './native.js';
import type { Key, PredisOptions, Value } from './options.js';

/** Words that an option takes. */
const words: Readonly<Record<string, readonly string[]>> = {
  engine: ['auto', 'cpu', 'cuda'],
  eviction: evictions,
  path: devicePaths,
  consistency: consistencies,
};
/** Largest whole number that an option takes. */
const wholeNumbers: Readonly<Record<string, number>> = {
  memoryLimitBytes: Number.MAX_SAFE_INTEGER,
  expectedKeys: Number.MAX_SAFE_INTEGER,
  device: 1023,
  hotCacheKeys: 2 ** 32 - 1,
};
/** Options of a client, not of its engine. */
const clientOptions = ['attach', 'namespace', 'consistency'];
const optionNames = [...new Set([...Object.keys(words), ...Object.keys(wholeNumbers), ...clientOptions])];
const maxNamespaceBytes = 2 ** 16;

/** @throws PredisError BAD_ARGUMENT for an unknown option, or one of the wrong type or out of range */
export function checkOptions(options: PredisOptions): void {
  const given: unknown = options;
  if (typeof given !== 'object' || given === null) throw bad('the options are not an object');
  for (const name of Object.keys(given)) {
    if (!optionNames.includes(name)) {
      throw bad(`there is no option '${name}'; there are ${optionNames.join(', ')}`);
    }
  }
  const values = given as Record<string, unknown>;
  for (const [name, allowed] of Object.entries(words)) {
    const value = values[name];
    if (value !== undefined && !(typeof value === 'string' && allowed.includes(value))) {
      throw bad(`${name} is one of '${allowed.join("', '")}'`);
    }
  }
  for (const [name, largest] of Object.entries(wholeNumbers)) {
    const value = values[name];
    if (value === undefined) continue;
    if (!(typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= largest)) {
      throw bad(`${name} is a whole number from 0 to ${String(largest)}`);
    }
  }
  const { namespace, attach } = values;
  if (namespace !== undefined && !(typeof namespace === 'string' && fitsNamespace(namespace))) {
    throw bad('namespace is a string of at most 64 KiB');
  }
  if (attach === undefined) return;
  const other = Object.keys(values).find(
    (name) => values[name] !== undefined && !clientOptions.includes(name),
  );
  if (other !== undefined) {
    throw bad(`attach does not go with ${other}: the engine has its settings already`);
  }
  checkHandle(attach);
}

function fitsNamespace(name: string): boolean {
  return Buffer.byteLength(name, 'utf8') <= maxNamespaceBytes;
}

function checkHandle(handle: unknown): void {
  const { kind, engineId, processId } = (handle ?? {}) as Record<string, unknown>;
  if (kind !== 'predis-engine' || !Number.isInteger(engineId))
    throw bad('attach is not a handle from share()');
  if (processId !== process.pid) {
    throw bad('attach names an engine of another process; engines are shared between threads only');
  }
}

/** What an engine's index takes for each key, at the least. */
const indexBytesPerKey = 8;

/**
 * Linux promises more memory than there is and kills the process that believes it, so an impossible wish ends here.
 *
 * @throws PredisError OUT_OF_MEMORY when the index alone is larger than the machine's memory
 */
export function checkIndexFits(expectedKeys: number): void {
  if (expectedKeys * indexBytesPerKey <= totalmem()) return;
  throw new PredisError(
    'OUT_OF_MEMORY',
    `the index of ${String(expectedKeys)} expected keys is larger than the memory of this machine`,
  );
}

/** The same array, known to be one. @throws PredisError BAD_ARGUMENT */
export function list<T>(items: readonly T[]): readonly T[] {
  const given: unknown = items;
  if (!Array.isArray(given)) throw bad('a batch is an array');
  return items;
}

/**
 * The two forms in which an `mput` takes its pairs, as one.
 *
 * @throws PredisError BAD_ARGUMENT, BAD_BATCH when there are not as many values as keys
 */
export function keysAndValues(
  first: readonly Key[] | Iterable<readonly [Key, Value]>,
  values: readonly Value[] | undefined,
): [keys: readonly Key[], values: readonly Value[]] {
  if (values !== undefined) {
    const keys = list(first as readonly Key[]);
    if (keys.length !== list(values).length) {
      throw new PredisError('BAD_BATCH', `${String(keys.length)} keys but ${String(values.length)} values`);
    }
    return [keys, values];
  }
  const entries: unknown = first;
  if (typeof entries !== 'object' || entries === null || !(Symbol.iterator in entries)) {
    throw bad('mput takes keys and values, or pairs of them');
  }
  const keys: Key[] = [];
  const paired: Value[] = [];
  for (const entry of first as Iterable<readonly [Key, Value]>) {
    if (!Array.isArray(entry)) throw bad('mput takes keys and values, or pairs of them');
    keys.push(entry[0]);
    paired.push(entry[1]);
  }
  return [keys, paired];
}

function bad(message: string): PredisError {
  return new PredisError('BAD_ARGUMENT', message);
}

/** Checks of what callers give: they may write JavaScript, where types promise nothing. */
import { totalmem } from 'node:os';
import { PredisError } from './errors.js';
import type { Key, PredisOptions, Value } from './options.js';

const optionNames = [
  'engine',
  'memoryLimitBytes',
  'expectedKeys',
  'attach',
] as const satisfies readonly (keyof PredisOptions)[];
const engines: readonly unknown[] = ['auto', 'cpu', 'cuda'];

/** @throws PredisError BAD_ARGUMENT for an unknown option, or one of the wrong type or out of range */
export function checkOptions(options: PredisOptions): void {
  const given: unknown = options;
  if (typeof given !== 'object' || given === null) throw bad('the options are not an object');
  for (const name of Object.keys(given)) {
    if (!(optionNames as readonly string[]).includes(name)) {
      throw bad(`there is no option '${name}'; there are ${optionNames.join(', ')}`);
    }
  }
  const { engine, memoryLimitBytes, expectedKeys, attach } = given as Record<string, unknown>;
  if (engine !== undefined && !engines.includes(engine)) {
    throw bad("engine is 'auto', 'cpu' or 'cuda'");
  }
  for (const [name, value] of Object.entries({ memoryLimitBytes, expectedKeys })) {
    if (value !== undefined && !(typeof value === 'number' && Number.isSafeInteger(value) && value >= 0)) {
      throw bad(`${name} is a whole number from 0 to 2^53 - 1`);
    }
  }
  if (attach === undefined) return;
  if (engine !== undefined || memoryLimitBytes !== undefined || expectedKeys !== undefined) {
    throw bad('attach goes with no other option: the engine has its settings already');
  }
  checkHandle(attach);
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

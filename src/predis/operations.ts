/** Mixed batches: operations as people write them, the packed form that the engine takes, and results. */
import { PredisError, failureOfStatus } from './errors.js';
import { expiresAt, remaining, someExpiry } from './expiry.js';
import type { NativeResults } from './native.js';
import type { ExpiryOptions } from './options.js';
import { type Bytes, type PackedBatch, isBytes, pack } from './packed.js';

/** One operation of a mixed batch. `by` is 1 where it is left out; `expected` null stands for "there is no such key". */
export type Operation =
  | { readonly op: 'get' | 'getBuffer' | 'delete' | 'persist' | 'ttl' | 'expiresAt'; readonly key: Bytes }
  | ({ readonly op: 'put' | 'putIfAbsent'; readonly key: Bytes; readonly value: Bytes } & ExpiryOptions)
  | ({
      readonly op: 'compareAndSet';
      readonly key: Bytes;
      readonly expected: Bytes | null;
      readonly value: Bytes;
    } & ExpiryOptions)
  | ({ readonly op: 'expire'; readonly key: Bytes } & ExpiryOptions)
  | { readonly op: 'increment' | 'decrement'; readonly key: Bytes; readonly by?: number | bigint };

/**
 * What an operation gives when it succeeds, the same as the call of its name: the value or null (get, getBuffer), whether it
 * was done (delete, putIfAbsent, compareAndSet, expire, persist), the new number (increment, decrement), milliseconds, null
 * or undefined (ttl, expiresAt), nothing (put).
 */
export type OperationValue = string | Buffer | boolean | bigint | number | null | undefined;

/** What became of one operation. A failed one leaves its key as it was, and the others as they are. */
export type OperationResult =
  { readonly ok: true; readonly value: OperationValue } | { readonly ok: false; readonly error: PredisError };

/** A mixed batch as the engine takes it. */
export interface EncodedBatch {
  readonly kinds: Uint8Array;
  readonly keys: PackedBatch;
  readonly values: PackedBatch;
  readonly amounts: BigInt64Array;
  /** Of compare-and-set; null when the batch has none. */
  readonly expected: PackedBatch | null;
  /** Operations that cannot even be asked (a key that is no key), by their index: they do not reach the engine. */
  readonly refused: ReadonlyMap<number, PredisError>;
  /** The others. */
  readonly operations: readonly Operation[];
  /** Where each of them stands in the engine's batch. */
  readonly places: readonly number[];
}

/** `OpKind` of native/engine/engine.hpp. */
const Kind = {
  get: 0,
  put: 1,
  delete: 2,
  increment: 3,
  compareAndSet: 4,
  putIfAbsent: 5,
  expire: 6,
  expiry: 7,
} as const;
type Kind = (typeof Kind)[keyof typeof Kind];

/** `Status` of the same header. */
const statusOk = 0;

const operationNames: Readonly<Record<Operation['op'], true>> = {
  get: true,
  getBuffer: true,
  put: true,
  putIfAbsent: true,
  compareAndSet: true,
  delete: true,
  increment: true,
  decrement: true,
  expire: true,
  persist: true,
  ttl: true,
  expiresAt: true,
};

const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;

/** The amount to add for an increment by `by`. @throws PredisError BAD_ARGUMENT, NOT_AN_INTEGER as Redis says it */
export function incrementAmount(by: unknown): bigint {
  if (typeof by !== 'number' && typeof by !== 'bigint') {
    throw new PredisError('BAD_ARGUMENT', 'the amount is not a number or a bigint');
  }
  if (typeof by === 'number' && !Number.isSafeInteger(by)) throw new PredisError('NOT_AN_INTEGER');
  const amount = BigInt(by);
  if (amount < int64Min || amount > int64Max) throw new PredisError('NOT_AN_INTEGER');
  return amount;
}

/** The amount to add for a decrement by `by`. @throws as `incrementAmount`, and OVERFLOW where Redis does */
export function decrementAmount(by: unknown): bigint {
  const amount = incrementAmount(by);
  if (amount === int64Min) throw new PredisError('OVERFLOW', 'ERR decrement would overflow');
  return -amount;
}

/** One row of the engine's batch. */
interface Row {
  readonly kind: Kind;
  readonly value?: Bytes;
  readonly amount?: bigint;
  readonly expected?: Bytes;
}

/** An operation as the engine takes it; the first row is the one that answers. @throws PredisError when it cannot be asked */
function rowsOf(operation: Operation): readonly Row[] {
  checkOperation(operation);
  switch (operation.op) {
    case 'get':
    case 'getBuffer':
      return [{ kind: Kind.get }];
    case 'delete':
      return [{ kind: Kind.delete }];
    case 'put':
      return [{ kind: Kind.put, value: operation.value, amount: BigInt(expiresAt(operation)) }];
    case 'putIfAbsent':
      return [{ kind: Kind.putIfAbsent, value: operation.value, amount: BigInt(expiresAt(operation)) }];
    case 'compareAndSet': {
      const { expected, value } = operation;
      const amount = BigInt(expiresAt(operation));
      return expected === null
        ? [{ kind: Kind.putIfAbsent, value, amount }]
        : [{ kind: Kind.compareAndSet, value, amount, expected }];
    }
    case 'increment':
      return [{ kind: Kind.increment, amount: incrementAmount(operation.by ?? 1) }];
    case 'decrement':
      return [{ kind: Kind.increment, amount: decrementAmount(operation.by ?? 1) }];
    case 'expire':
      return [{ kind: Kind.expire, amount: BigInt(someExpiry(operation)) }];
    case 'persist': // whether there was a time to take away is asked first, as Redis answers it
      return [{ kind: Kind.expiry }, { kind: Kind.expire }];
    case 'ttl':
    case 'expiresAt':
      return [{ kind: Kind.expiry }];
  }
}

/** What arrives may come from JavaScript, where types promise nothing. @throws PredisError BAD_ARGUMENT */
function checkOperation(given: unknown): void {
  const { op, key, value, expected } = (given ?? {}) as Record<string, unknown>;
  if (typeof op !== 'string' || !Object.hasOwn(operationNames, op)) {
    throw bad(`no such operation; there are ${Object.keys(operationNames).join(', ')}`);
  }
  if (!isBytes(key)) throw bad('the key is not a string or a Uint8Array');
  const writes = op === 'put' || op === 'putIfAbsent' || op === 'compareAndSet';
  if (writes && !isBytes(value)) throw bad('the value is not a string or a Uint8Array');
  if (op === 'compareAndSet' && expected !== null && !isBytes(expected)) {
    throw bad('the value expected is not a string, a Uint8Array or null');
  }
}

function bad(message: string): PredisError {
  return new PredisError('BAD_ARGUMENT', message);
}

/** @throws PredisError BAD_BATCH when keys or values together pass 4 GiB - 1 */
export function encodeOperations(batch: readonly Operation[]): EncodedBatch {
  const refused = new Map<number, PredisError>();
  const operations: Operation[] = [];
  const places: number[] = [];
  const rows: Row[] = [];
  const keys: Bytes[] = [];
  for (const [index, operation] of batch.entries()) {
    try {
      const own = rowsOf(operation);
      places.push(rows.length);
      for (const row of own) {
        rows.push(row);
        keys.push(operation.key);
      }
    } catch (error) {
      if (!(error instanceof PredisError)) throw error;
      refused.set(index, error);
      continue;
    }
    operations.push(operation);
  }
  return {
    kinds: Uint8Array.from(rows, ({ kind }) => kind),
    keys: pack(keys),
    values: pack(rows.map(({ value }) => value ?? '')),
    amounts: BigInt64Array.from(rows, ({ amount }) => amount ?? 0n),
    expected: rows.some(({ kind }) => kind === Kind.compareAndSet)
      ? pack(rows.map(({ expected }) => expected ?? ''))
      : null,
    refused,
    operations,
    places,
  };
}

/** The results in the order of the batch that was encoded. */
export function decodeResults(batch: EncodedBatch, results: NativeResults): OperationResult[] {
  const [statuses, numbers, blob, offsets, found] = results;
  const bytes = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength);

  const valueOf = ({ op }: Operation, i: number): OperationValue => {
    const exists = statuses[i] === statusOk;
    const number = numbers[i] ?? 0n;
    switch (op) {
      case 'get':
        return found[i] === 1 ? bytes.toString('utf8', offsets[i], offsets[i + 1]) : null;
      case 'getBuffer':
        return found[i] === 1 ? bytes.subarray(offsets[i], offsets[i + 1]) : null;
      case 'put':
        return undefined;
      case 'delete':
      case 'putIfAbsent':
      case 'compareAndSet':
      case 'expire':
        return exists;
      case 'increment':
      case 'decrement':
        return number;
      case 'persist':
        return exists && number !== 0n;
      case 'ttl':
        return exists ? remaining(Number(number)) : undefined;
      case 'expiresAt':
        return exists ? (number === 0n ? null : Number(number)) : undefined;
    }
  };

  const answered = batch.operations.map((operation, at): OperationResult => {
    const i = batch.places[at] ?? -1;
    const failure = failureOfStatus(statuses[i] ?? -1);
    return failure === null
      ? { ok: true, value: valueOf(operation, i) }
      : { ok: false, error: new PredisError(failure) };
  });
  if (batch.refused.size === 0) return answered;
  const ordered: OperationResult[] = [];
  const rest = answered.values();
  for (let i = 0; i < answered.length + batch.refused.size; i++) {
    const error = batch.refused.get(i);
    const next = error === undefined ? rest.next().value : ({ ok: false, error } as const);
    if (next !== undefined) ordered.push(next);
  }
  return ordered;
}
